"""Encrypts what channels must keep secret, with keys made from SECRET_KEY; its fallbacks still decrypt."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

from django.conf import settings

from monitoring.extras import needed

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

PURPOSE = b"avatar_monitoring.alert_channels"


class SecretLostError(Exception):
    """What is encrypted was encrypted with a SECRET_KEY that is neither the present one nor among its fallbacks."""


def encrypted(text: str) -> str:
    """The text for a column; an empty one stays empty. Raises MissingExtraError without cryptography."""
    return _box().encrypt(text.encode()).decode() if text else ""


def decrypted(token: str) -> str:
    """The text that was encrypted. Raises SecretLostError, or MissingExtraError without cryptography."""
    if not token:
        return ""
    box = _box()
    from cryptography.fernet import InvalidToken

    try:
        return box.decrypt(token.encode()).decode()
    except InvalidToken:
        raise SecretLostError(
            "it was encrypted with another SECRET_KEY: enter it again, or add that key to SECRET_KEY_FALLBACKS"
        ) from None


def _box() -> MultiFernet:
    with needed("cryptography"):
        from cryptography.fernet import Fernet, MultiFernet
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    def key(secret: str | bytes) -> bytes:
        material = secret.encode() if isinstance(secret, str) else secret
        return urlsafe_b64encode(HKDF(SHA256(), 32, salt=None, info=PURPOSE).derive(material))

    return MultiFernet([Fernet(key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])
