"""Whether our system checks tell what they only inform of; most commands leave that out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

infos_are_told: ContextVar[bool] = ContextVar("infos_are_told", default=True)


@contextmanager
def without_infos() -> Iterator[None]:
    """Within, our checks tell of warnings and errors only."""
    token = infos_are_told.set(False)
    try:
        yield
    finally:
        infos_are_told.reset(token)
