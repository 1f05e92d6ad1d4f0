"""Parses text frames into typed messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from monitoring.core.allowed import explained


def size_of_text(text: str) -> int:
    """Its bytes in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def decoder(messages: Any, max_length: int) -> Callable[[str], Any]:
    """A function from a text to one of the message types.

    It raises ValueError, which names what is wrong and what is allowed, for anything else.
    """
    decode_json = msgspec.json.Decoder(messages).decode

    def decode(text: str) -> Any:
        size = size_of_text(text)
        if size > max_length:
            raise ValueError(f"a message has {size} bytes: at most {max_length} are allowed")
        try:
            return decode_json(text)
        except RecursionError:
            raise ValueError("a message is nested too deeply") from None
        except msgspec.ValidationError as error:
            raise ValueError(explained(messages, text, error)) from None

    return decode
