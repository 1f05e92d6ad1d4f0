"""The course of what is computed only while somebody looks, once at each tick."""

from __future__ import annotations

from enum import Enum, auto

CLIENTS_A_TICK = 1_000
"""With more clients than this, what is computed of each of them takes several ticks, so that no tick takes long."""


class TickTurn(Enum):
    """What the tick of a question is, compared with that of the question before."""

    SAME = auto()
    """Several viewers ask at one tick: it has had its turn."""
    NEXT = auto()
    """Nobody missed a tick: what was computed goes on."""
    AFRESH = auto()
    """The first tick, or one after a pause: what was computed before is out of date, and forgotten."""


class TickTurns:
    """Tells for the number of each tick, as `Tick.seq`, which turn it is."""

    def __init__(self) -> None:
        self._seq: int | None = None

    def at(self, seq: int) -> TickTurn:
        before, self._seq = self._seq, seq
        if seq == before:
            return TickTurn.SAME
        return TickTurn.NEXT if before is not None and seq == before + 1 else TickTurn.AFRESH
