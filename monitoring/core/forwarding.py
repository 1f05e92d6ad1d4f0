"""Whether a handshake came by a proxy, by the headers that proxies add."""

from __future__ import annotations

from typing import Any, Final

HEADERS: Final = frozenset({
    b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip",
    b"x-envoy-external-address", b"x-client-ip", b"true-client-ip", b"cf-connecting-ip", b"cf-ray", b"fastly-client-ip",
    b"x-amzn-trace-id",
})  # fmt: skip
"""RFC 7239, RFC 9110 7.6.3, what was there before them, and what the large networks add."""


def is_forwarded(scope: Any) -> bool:
    """From an ASGI scope; servers give the names of headers in small letters."""
    headers = scope.get("headers")
    return isinstance(headers, list | tuple) and any(name.lower() in HEADERS for name, _ in headers)
