"""Decides which web pages may open a WebSocket here, or send the token of a screen."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from monitoring.core.monitored import Scope


def origin_allowed(scope: Scope, allowed: Collection[str]) -> bool:
    """Whether a handshake's Origin is the site's own or one of `allowed` (such as https://example.com).

    A program that is not a browser sends none and is admitted: only browsers carry a signed-in person's cookies around,
    and they always send an Origin.
    """
    headers = dict(scope.get("headers", ()))
    origin = headers.get(b"origin")
    if origin is None:
        return True
    return is_allowed(origin.decode("latin-1"), headers.get(b"host", b"").decode("latin-1"), allowed)


def is_allowed(origin: str, host: str, allowed: Collection[str]) -> bool:
    """Whether an Origin is that of this host's own pages, or one of `allowed`."""
    text = origin.lower()
    return text in {one.lower() for one in allowed} or _netloc(text) == host.lower() != ""


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
