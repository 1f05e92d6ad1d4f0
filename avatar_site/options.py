"""What commands accept in their options, beyond what the variables of the environment need."""

from collections.abc import Callable


def whole_number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isdecimal() and low <= int(text) <= high):
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return parse


def websocket_url(text: str) -> str:
    if not text.startswith(("ws://", "wss://")):
        raise ValueError("a URL that begins with ws:// or wss://")
    return text
