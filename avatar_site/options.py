"""What commands accept in their options, beyond the formats of the environment variables."""

from collections.abc import Callable
from urllib.parse import urlsplit


def whole_number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isdecimal() and low <= int(text) <= high):
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return parse


def websocket_url(text: str) -> str:
    """Raises ValueError with what is allowed, for example for an IPv6 address without brackets."""
    try:
        url = urlsplit(text)
        known = url.scheme in ("ws", "wss") and url.hostname and url.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError(
            "a URL such as ws://127.0.0.1:8000/ws/avatar/, wss://example.com/ws/avatar/ or ws://[::1]:8000/"
        )
    return text
