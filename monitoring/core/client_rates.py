"""How many messages a second each client sends; known only while somebody looks, because it needs earlier counts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from operator import attrgetter
from typing import NamedTuple

from monitoring.core.metrics import ClientMetrics
from monitoring.core.tick_turns import TickTurn, TickTurns

RATE_SECONDS = 5.0
"""A rate covers the last five to ten seconds, or as many as somebody has looked for."""

SHORTEST = 0.5
"""Seconds; over a shorter time a rate would say little."""


class CountsAt(NamedTuple):
    """The messages of each client, by its id, at a moment of the collector's clock."""

    at: float
    messages: dict[str, int]


NOT_COUNTED = CountsAt(math.inf, {})
"""Before the first count: as if every client had been there by then, each with an unknown count."""


class MessageRates:
    """Compares the clients' counts with those of a few seconds ago: one copy of the counts each RATE_SECONDS.

    It is to be asked at each tick: what was counted before a pause is forgotten.
    """

    def __init__(self) -> None:
        self._turns = TickTurns()
        self._older = self._newer = NOT_COUNTED

    def turn(self, clients: Mapping[str, ClientMetrics], now: float, seq: int) -> None:
        """Keeps the counts of the tick of this number if it is time to."""
        turn = self._turns.at(seq)
        if turn is TickTurn.AFRESH:
            self._older = self._newer = _counts(clients, now)
        elif turn is TickTurn.NEXT and now - self._newer.at >= RATE_SECONDS:
            self._older, self._newer = self._newer, _counts(clients, now)

    def of(self, client: ClientMetrics, now: float) -> float | None:
        """Messages a second; None while it is not known."""
        since, before = self._older.at, 0
        if client.connected_at > since:
            since = client.connected_at
        else:
            known = self._older.messages.get(client.client_id)
            if known is None:
                return None
            before = known
        seconds = now - since
        return (client.message_count - before) / seconds if seconds >= SHORTEST else None


def _counts(clients: Mapping[str, ClientMetrics], now: float) -> CountsAt:
    return CountsAt(now, dict(zip(clients, map(attrgetter("message_count"), clients.values()), strict=True)))
