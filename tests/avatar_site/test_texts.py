"""The texts of the avatar page's own scripts, beside those of the dashboard."""

import pytest

from avatar_site import texts
from dashboard.languages import digest_of


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """A folder of texts in which there is a file for Korean, whatever is in it."""
    monkeypatch.setattr(texts, "LOCALE", tmp_path)
    folder = tmp_path / "ko" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    digest_of.cache_clear()
    yield folder / "djangojs.mo"
    digest_of.cache_clear()


def test_english_needs_none(catalogue):
    assert texts.avatar_texts_url("en") is None


def test_a_language_without_texts_has_no_address(catalogue, client):
    assert texts.avatar_texts_url("ko") is None
    assert client.get("/avatar/texts/ko.js").status_code == 404


def test_the_address_changes_with_the_texts(catalogue):
    catalogue.write_bytes(b"one")
    first = texts.avatar_texts_url("ko")
    digest_of.cache_clear()
    catalogue.write_bytes(b"other")
    assert first != texts.avatar_texts_url("ko")
    assert first.startswith("/avatar/texts/ko.js?")


def test_browsers_may_keep_them(catalogue, client):
    catalogue.write_bytes(b"one")
    response = client.get("/avatar/texts/ko.js")
    assert response.status_code == 200
    assert "immutable" in response["Cache-Control"]
    assert response["Content-Language"] == "ko"
    assert "django.gettext" in response.content.decode()


@pytest.mark.parametrize("path", ["/avatar/texts/xx.js", "/avatar/texts/en.js"])
def test_languages_that_the_pages_do_not_have_are_unknown(client, path):
    assert client.get(path).status_code == 404
