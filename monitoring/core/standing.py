"""How clients stand at a tick compared with before and with the limits: what rows, orders and chips need beyond what a
client holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from monitoring.core.client_rates import MessageRates
from monitoring.core.client_spreads import ClientSpreads
from monitoring.core.client_states import StateCounts, StateLimits, States
from monitoring.core.metrics import ClientMetrics

SPREADS = ("p95_latency_ms", "jitter_ms")
"""The keys of a row for which the clients' spreads are computed."""


class Standing:
    """Of one node's clients. All of it is known only while somebody looks at them, at each tick."""

    def __init__(self) -> None:
        self.limits = StateLimits()
        self.rates, self.spreads, self.counts = MessageRates(), ClientSpreads(), StateCounts()

    def turn(
        self,
        clients: Mapping[str, ClientMetrics],
        sorted_by: Collection[str],
        limits: StateLimits,
        now: float,
        seq: int,
    ) -> None:
        """Somebody looks at the clients at the tick of this number, `sorted_by` these keys of their rows."""
        self.limits = limits
        self.rates.turn(clients, now, seq)
        self.counts.turn(clients, limits, self.rates, now, seq)
        if not set(SPREADS).isdisjoint(sorted_by):
            self.spreads.turn(clients, seq)

    def states_of(self, client: ClientMetrics, now: float) -> States:
        return self.states_of_each((client,), now)[0]

    def states_of_each(self, clients: Iterable[ClientMetrics], now: float) -> list[States]:
        """The states of each of these clients, the worst first."""
        return self.limits.of_each(clients, self.rates, now)

    def rate_of(self, client: ClientMetrics, now: float) -> float | None:
        """Messages a second, to two digits; None while that is not known."""
        rate = self.rates.of(client, now)
        return None if rate is None else round(rate, 2)
