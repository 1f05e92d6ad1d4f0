import re

from django.conf import settings

from avatar_site.cookies import cookie_name


def test_a_sites_cookie_names_are_the_same_on_all_its_nodes():
    assert cookie_name("session", "one secret") == cookie_name("session", "one secret")
    assert cookie_name("session", "one secret") != cookie_name("session", "another")


def test_the_site_uses_no_cookie_names_of_other_sites():
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        assert re.fullmatch(r"avatar_(session|csrf)_[0-9a-f]{8}", name)
    assert "Session" in settings.MESSAGE_STORAGE
