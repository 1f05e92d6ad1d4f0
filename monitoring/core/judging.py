"""Judges every client each five seconds, a part of them at each tick, and some of them once a second."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import islice

from monitoring.core.client_verdicts import BadReading
from monitoring.core.collector import MetricsCollector
from monitoring.core.metrics import ClientMetrics
from monitoring.core.signals import ClientSignals
from monitoring.core.verdict import judge

ROUND_SECONDS = 5.0
"""Each client is judged once in a round."""

MOST_IN_TURN, MOST_LOOKED_AT, MOST_SUSPECTS = 2_000, 300, 200
"""Clients judged at one tick: of the round, of those that viewers see, and of those that are suspect. Ten thousand
clients make a full turn; with more, a round takes longer."""

TALKS = 10
"""Messages of a client from which its usual pause is known."""

LEAST_SILENCE, SILENCE_SHARE, SILENCE_SECONDS = 1.0, 4.0, 2.0
"""After four usual pauses, or a second, it has fallen silent; two seconds later it has just stopped talking. Of a
client whose messages come at random, one pause in fifty is as long."""

Read = Callable[[MetricsCollector, str], ClientSignals | None]


class Judging:
    """Gives each client of one collector its judgement. Nothing that it does raises or waits.

    Reports say whom viewers see; the collector says who is suspect because its last round trip was slow.
    """

    def __init__(self, collector: MetricsCollector, read: Read) -> None:
        self._collector = collector
        self._read = read
        self._round: list[str] = []
        self._due = 0.0
        self._last: float | None = None

    def turn(self, moment: float) -> None:
        """Judges those whose turn it is; `moment` is by the collector's clock."""
        chosen = dict.fromkeys(self._in_turn(moment))
        looked_at = self._taken(self._collector.verdicts.looked_at, MOST_LOOKED_AT)
        chosen |= dict.fromkeys(looked_at)
        chosen |= dict.fromkeys(self._taken(self._collector.verdicts.suspects, MOST_SUSPECTS))
        for client_id in chosen:
            client = self._collector.client_metrics.get(client_id)
            if client is None:
                continue
            try:
                self._judge(client, moment)
            except Exception:
                self._collector.rescue.failed("judging a client")
        for client_id in looked_at:
            if (connection := self._collector.connections.of(client_id)) is not None:
                connection.ping_often()

    def _in_turn(self, moment: float) -> list[str]:
        """As many clients as make a round in its time, whatever the interval is."""
        clients = self._collector.client_metrics
        passed = 1.0 if self._last is None else min(moment - self._last, ROUND_SECONDS)
        self._last = moment
        self._due = min(self._due + len(clients) * passed / ROUND_SECONDS, len(clients), MOST_IN_TURN)
        number = math.floor(self._due)
        self._due -= number
        chosen = self._next(number)
        return chosen + self._next(number - len(chosen)) if len(chosen) < number else chosen

    def _next(self, number: int) -> list[str]:
        if not self._round:
            self._round = list(reversed(self._collector.client_metrics))
        chosen = self._round[-number:] if number else []
        del self._round[len(self._round) - len(chosen) :]
        return chosen[::-1]

    @staticmethod
    def _taken(waiting: dict[str, None], most: int) -> list[str]:
        """The first of those that wait, which wait no more."""
        chosen = list(islice(waiting, most))
        for client_id in chosen:
            del waiting[client_id]
        return chosen

    def _judge(self, client: ClientMetrics, moment: float) -> None:
        last, bad = client.signals, self._collector.verdicts.bad.pop(client.client_id, None)
        signals = self._read(self._collector, client.client_id)
        if signals is None:
            return
        before, old = None, []
        if bad is not None:
            before = bad.judged
            if last is not None and last.ping_ms == signals.ping_ms:
                old.append("ping_ms")
            if client.drew_at is None or client.drew_at <= bad.at:
                old.append("frame_time_ms")
        judged = judge(signals, before, at=moment, old=old, slow_ms=self._collector.verdicts.slow_ms)
        if judged.marks:
            self._collector.verdicts.bad[client.client_id] = BadReading(judged, moment)
        if judged.is_undecided:
            self._collector.verdicts.suspects[client.client_id] = None
        if judged.needs_a_ping or self._fell_silent(client):
            self._ping_soon(client)
        self._collector.verdicts.judged(client, judged.judgement)

    def _ping_soon(self, client: ClientMetrics) -> None:
        connection = self._collector.connections.of(client.client_id)
        if connection is not None:
            connection.ping_soon()

    def _fell_silent(self, client: ClientMetrics) -> bool:
        """A client that talks all the time says nothing for once: a ping now meets what holds its messages up."""
        if client.message_count < TALKS:
            return False
        usual = (client.last_message_time - client.connected_at) / client.message_count
        silence = self._collector.clock() - client.last_message_time - max(LEAST_SILENCE, SILENCE_SHARE * usual)
        return 0 <= silence < SILENCE_SECONDS
