"""Takes the steps of clients: a few clients at each tick, so that each has its turn every ten seconds."""

from __future__ import annotations

import math
from collections.abc import Iterable

from monitoring.core.client_steps import (
    KEY_BYTES,
    NOT_JUDGED,
    VERDICTS,
    Known,
    StepGroup,
    packed_counts,
    packed_levels,
)
from monitoring.core.collector import MetricsCollector
from monitoring.core.metrics import ClientMetrics

STEP_SECONDS = 10.0

MOST_A_SECOND = 250
"""Clients whose step is taken in one second: 2 500 clients have steps of ten seconds, 10 000 of forty. So neither a
tick nor a batch grows with the number of clients, and two hours of one node take at most 40 MB of the journal."""

LEAST_AT_ONCE = 100
"""Few clients have their turn together: a group of one costs nearly as much as a group of fifty."""

_VERDICT_INDEX = {verdict: index for index, verdict in enumerate(VERDICTS)}


class StepTaker:
    """Reads the clients of one collector. Those that somebody looks at have their turn at every tick."""

    def __init__(self, collector: MetricsCollector) -> None:
        self._collector = collector
        self._waiting: list[str] = []
        self._at_once = LEAST_AT_ONCE
        self._round_ends = -math.inf

    def take(self, timestamp: float, steady: float, interval: float) -> StepGroup | None:
        """The group of the tick at `timestamp`, UTC epoch seconds; None if it is nobody's turn.

        `steady` is the same moment by the collector's clock, `interval` the seconds between two ticks.
        """
        turn = self._turn(steady, interval)
        looked_at = self._collector.looked_at
        asked = [*turn, *looked_at.at(steady)] if looked_at else turn
        return group_of(self._collector, asked, timestamp) if asked else None

    def _turn(self, steady: float, interval: float) -> list[str]:
        if not self._waiting:
            if steady < self._round_ends:
                return []
            self._waiting = list(self._collector.client_metrics)
            self._waiting.reverse()  # taking from the end moves nothing
            self._round_ends = steady + STEP_SECONDS - interval / 2
            most = max(1, math.ceil(MOST_A_SECOND * interval))
            ticks = max(1.0, STEP_SECONDS / interval)
            self._at_once = min(most, max(LEAST_AT_ONCE, math.ceil(len(self._waiting) / ticks)))
        turn = self._waiting[-self._at_once :]
        del self._waiting[-self._at_once :]
        return turn


def group_of(collector: MetricsCollector, client_ids: Iterable[str], timestamp: float) -> StepGroup | None:
    """A step of each of these clients that is still connected and recorded; None if none is."""
    sessions, metrics, now = collector.sessions.open_ids, collector.client_metrics, collector.now
    ids = [client_id for client_id in client_ids if client_id in sessions and client_id in metrics]
    if not ids:
        return None
    clients = [metrics[client_id] for client_id in ids]
    columns = [
        packed_counts([client.message_count for client in clients]),
        packed_counts([client.sent_count for client in clients]),
        packed_counts([client.bytes_received for client in clients]),
        packed_counts([client.bytes_sent for client in clients]),
    ]
    kernel_rtts, handler_times, unsent = _of_signals(clients)
    latencies, fps, frame_times = (one.values_of(ids) for one in (now.latencies, now.fps, now.frame_times))
    columns += map(packed_levels, (latencies, kernel_rtts, handler_times, fps, frame_times, unsent))
    keys = bytes.fromhex("".join([sessions[client_id][: 2 * KEY_BYTES] for client_id in ids]))
    return StepGroup(timestamp, keys, columns, _verdicts(clients))


def _of_signals(clients: list[ClientMetrics]) -> tuple[Known, Known, Known]:
    """Kernel's round trip, handler time and unsent bytes, as the latest reading of each connection has them."""
    read = [client.signals for client in clients]
    if read.count(None) == len(read):
        unknown: Known = [None] * len(read)
        return unknown, unknown, unknown
    return (
        [None if one is None else one.kernel_rtt_ms for one in read],
        [None if one is None else one.handler_ms for one in read],
        [None if one is None else one.unsent_bytes for one in read],
    )


def _verdicts(clients: list[ClientMetrics]) -> bytes:
    judged = [client.judgement for client in clients]
    if judged.count(None) == len(judged):
        return b""
    return bytes([NOT_JUDGED if one is None else _VERDICT_INDEX[one.verdict] for one in judged])
