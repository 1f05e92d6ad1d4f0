import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from avatar_site.configuration.secrets import cookie_name, persistent_secret


def test_it_is_made_once_for_its_owner_only_and_kept(tmp_path):
    path = tmp_path / "data" / "secret_key"
    secret = persistent_secret(path)
    assert len(secret) >= 50
    assert persistent_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_those_that_start_at_once_agree_even_under_one_process_number(tmp_path):
    """As the first processes of two containers have it."""
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: persistent_secret(tmp_path / "secret_key"), range(8)))
    assert len(made) == 1
    assert os.listdir(tmp_path) == ["secret_key"]


def test_a_data_directory_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ImproperlyConfigured, match=r"AVATAR_DATA_DIR=.* cannot be used"):
        persistent_secret(tmp_path / "file" / "secret_key")


def test_a_name_is_that_of_the_site_on_all_of_its_nodes():
    assert cookie_name("session", "one secret") == cookie_name("session", "one secret")
    assert cookie_name("session", "one secret") != cookie_name("session", "another")


def test_the_site_uses_no_name_that_others_use():
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        assert re.fullmatch(r"avatar_(session|csrf)_[0-9a-f]{8}", name)
    assert "Session" in settings.MESSAGE_STORAGE
