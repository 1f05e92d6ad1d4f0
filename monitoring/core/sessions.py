"""Which connections opened and closed since they were last handed over."""

from __future__ import annotations

import logging
import uuid

from monitoring.core.clock import JUMP_SECONDS
from monitoring.core.metrics import ClientMetrics
from monitoring.core.records import SessionRecord

logger = logging.getLogger(__name__)

MOST_A_MINUTE = 20_000
"""Limit per node: ten thousand clients may reconnect twice a minute, and nobody can fill the database faster than
that."""

MINUTE = 60
MAX_WAITING = 40_000
"""As many as all clients there may be, once opening and once closing."""


def stamped(records: list[SessionRecord], behind: float) -> list[SessionRecord]:
    """The records by the wall clock after it has jumped: they are this many seconds behind it."""
    if abs(behind) > JUMP_SECONDS:
        for record in records:
            record.connected_at += behind
            if record.disconnected_at is not None:
                record.disconnected_at += behind
    return records


class SessionLog:
    """Keeps one record per change of a connection until `take`; at most 40 000, the rest is counted in `dropped`.

    Sessions beyond the 20 000th of a minute are not recorded at all, and counted in `left_out`.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self.left_out = 0
        self._minute = self._in_minute = 0
        self._waiting: list[SessionRecord] = []
        self._open: dict[str, str] = {}

    def opened(self, client: ClientMetrics) -> None:
        if not self._has_room(client.connected_at):
            self.left_out += 1
            return
        self._open[client.client_id] = uuid.uuid4().hex
        self._keep(self._record(client))

    def closed(self, client: ClientMetrics, now: float, close_code: int | None, ended: str) -> None:
        if client.client_id not in self._open:
            return
        record = self._record(client)
        record.disconnected_at = now
        record.close_code = close_code
        record.ended = ended
        del self._open[client.client_id]
        self._keep(record)

    def take(self) -> list[SessionRecord]:
        """The records since the last call, oldest first."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def _has_room(self, now: float) -> bool:
        minute = int(now // MINUTE)
        if minute != self._minute:
            self._minute, self._in_minute = minute, 0
        self._in_minute += 1
        if self._in_minute == MOST_A_MINUTE + 1:
            logger.warning("More than %d sessions in a minute: the others are counted but not stored", MOST_A_MINUTE)
        return self._in_minute <= MOST_A_MINUTE

    def _keep(self, record: SessionRecord) -> None:
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append(record)
        else:
            self.dropped += 1

    def _record(self, client: ClientMetrics) -> SessionRecord:
        latency = client.latency_samples.lifetime()
        record = SessionRecord(
            session_id=self._open[client.client_id],
            client_id=client.client_id,
            path=client.path,
            remote=client.remote,
            connected_at=client.connected_at,
            messages=client.message_count,
            bytes_received=client.bytes_received,
            bytes_sent=client.bytes_sent,
            latency_average_ms=latency.average,
            latency_p95_ms=latency.sketch.quantile(0.95),
            latency_sketch=latency.sketch.encode(),
        )
        if client.frame_times is not None:
            frame_times = client.frame_times.lifetime().sketch
            record.fps_average = client.fps_total / frame_times.count
            record.frame_time_sketch = frame_times.encode()
        return record
