"""The p95 and jitter of every client, for sorting by them: computed in turn, and only while somebody sorts so."""

from __future__ import annotations

from collections.abc import Mapping

from monitoring.core.metrics import ClientMetrics
from monitoring.core.tick_turns import CLIENTS_A_TICK, TickTurn, TickTurns


class ClientSpreads:
    """It is to be asked at each tick: what was computed before a pause is forgotten.

    Each client takes a hundred values to sort, so of more clients than CLIENTS_A_TICK some are sorted by what was
    computed a few ticks ago.

    The clients with the longest average round trips come first, so that the top of the list is right at once.
    """

    def __init__(self) -> None:
        self._turns = TickTurns()
        self._left: list[str] = []
        self._known: dict[str, tuple[float | None, float | None]] = {}

    def turn(self, clients: Mapping[str, ClientMetrics], seq: int) -> None:
        """Goes on computing at the tick of this number, once."""
        turn = self._turns.at(seq)
        if turn is TickTurn.SAME:
            return
        if turn is TickTurn.AFRESH:
            self._left, self._known = [], {}
        if not self._left:
            self._begin(clients)
        some, self._left = self._left[-CLIENTS_A_TICK:], self._left[:-CLIENTS_A_TICK]
        for client_id in some:
            client = clients.get(client_id)
            if client is not None:
                self._known[client_id] = client.latency_samples.p95, client.latency_samples.jitter

    def p95(self, client: ClientMetrics) -> float | None:
        """As it was last computed, in milliseconds; None while it was not."""
        return self._known.get(client.client_id, (None, None))[0]

    def jitter(self, client: ClientMetrics) -> float | None:
        return self._known.get(client.client_id, (None, None))[1]

    def _begin(self, clients: Mapping[str, ClientMetrics]) -> None:
        self._known = {client_id: known for client_id, known in self._known.items() if client_id in clients}
        self._left = list(clients)
        if len(clients) > CLIENTS_A_TICK:
            averages = {client_id: client.latency_samples.average for client_id, client in clients.items()}
            self._left.sort(key=averages.__getitem__)
