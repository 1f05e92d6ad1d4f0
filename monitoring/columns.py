"""Converts values of records for columns; PostgreSQL is stricter than SQLite."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import DataError, IntegrityError

UNFIT = (DataError, IntegrityError, ValueError, OverflowError)
"""Errors for rows that will never fit. Any other error may pass, so those rows are tried again."""

MAX_TEXT = 255
MAX_USERNAME = 150
"""Of whoever did something. That is Django's own limit; a project's user model may allow more."""


def timestamp(seconds: float) -> datetime:
    """UTC epoch seconds as a datetime. Raises ValueError for times that no calendar has."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{seconds} is not a valid time: {error}") from error


def fitting(text: str, longest: int = MAX_TEXT) -> str:
    """The text truncated to a column's length, and without NUL."""
    return text.replace("\0", "")[:longest]
