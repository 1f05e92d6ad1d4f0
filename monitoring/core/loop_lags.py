"""How late this node's event loop was in the last ticks."""

from __future__ import annotations

from collections import deque

KEPT = 64
"""Ticks; clients are read more often than that."""


class LoopLags:
    """The event loop's longest lag of each recent tick."""

    def __init__(self) -> None:
        self._lags: deque[tuple[float, float]] = deque(maxlen=KEPT)

    def add(self, now: float, lag_ms: float | None) -> None:
        """At a tick; `lag_ms` is the longest since the previous one, None if it was not measured."""
        if lag_ms is not None:
            self._lags.append((now, lag_ms))

    def since(self, moment: float) -> float | None:
        """The longest lag of the ticks after this moment, in milliseconds; None if there was none."""
        longest = None
        for at, lag in reversed(self._lags):
            if at <= moment:
                break
            if longest is None or lag > longest:
                longest = lag
        return longest
