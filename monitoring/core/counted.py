"""A number with its noun, singular or plural, for log lines and messages."""

from __future__ import annotations


def counted(number: int, noun: str, nouns: str | None = None) -> str:
    """`1 minute`, `2 minutes`; `nouns` is a plural that is not formed with an s alone."""
    return f"{number} {noun if number == 1 else nouns or noun + 's'}"
