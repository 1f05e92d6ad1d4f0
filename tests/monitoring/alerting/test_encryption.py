import sys

import pytest

from monitoring.alerting.encryption import SecretLostError, decrypted, encrypted
from monitoring.extras import MissingExtraError


def test_a_secret_is_unreadable_and_comes_back():
    token = encrypted("https://example.com/secret")
    assert "secret" not in token
    assert decrypted(token) == "https://example.com/secret"
    assert encrypted("") == decrypted("") == ""


def test_a_former_key_still_decrypts(settings):
    token = encrypted("secret")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key"
    assert decrypted(token) == "secret"


def test_without_the_former_key_it_is_lost(settings):
    token = encrypted("secret")
    settings.SECRET_KEY = "another key"
    with pytest.raises(SecretLostError, match="enter it again, or add that key to SECRET_KEY_FALLBACKS"):
        decrypted(token)


def test_without_cryptography_it_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(MissingExtraError, match="pip install cryptography, or the extra avatar-monitoring"):
        encrypted("secret")
