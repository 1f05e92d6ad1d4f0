"""Which connections opened and closed since they were last handed over."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from itertools import islice
from typing import Any

from monitoring.core.clock import JUMP_SECONDS
from monitoring.core.metrics import ClientMetrics
from monitoring.core.records import SessionRecord

logger = logging.getLogger(__name__)

MOST_A_MINUTE = 20_000
"""Limit per node: ten thousand clients may reconnect twice a minute, and nobody can fill the database faster."""

MINUTE = 60
MAX_WAITING = 40_000
"""As many as all clients there may be, once opening and once closing."""

MOST_CHANGES = 500
"""How many sessions that got another id, user or room are handed over at a time; the others follow."""


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

    Sessions beyond the 20 000th of a minute are not recorded at all, and counted in `left_out`. `open_ids` has the
    session id of each connected client that is recorded.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self.left_out = 0
        self._minute = self._in_minute = 0
        self._waiting: list[SessionRecord] = []
        self.open_ids: dict[str, str] = {}
        self._not_taken: dict[str, SessionRecord] = {}
        self._changed: dict[str, ClientMetrics] = {}

    def opened(self, client: ClientMetrics) -> None:
        if not self._has_room(client.connected_at):
            self.left_out += 1
            return
        self.open_ids[client.client_id] = uuid.uuid4().hex
        record = self._record(client)
        if self._keep(record):
            self._not_taken[client.client_id] = record

    def renamed(self, client: ClientMetrics, new_id: str) -> None:
        """The client is about to get this id; its session goes on."""
        by_ids: tuple[dict[str, Any], ...] = self.open_ids, self._not_taken, self._changed
        for by_id in by_ids:
            if client.client_id in by_id:
                by_id[new_id] = by_id.pop(client.client_id)

    def changed(self, client: ClientMetrics) -> None:
        """The client has another id, user or room. What nobody has taken yet is changed, else it is sent again."""
        record = self._not_taken.get(client.client_id)
        if record is not None:
            record.client_id, record.user, record.room = client.client_id, client.user, client.room
            record.user_agent = client.user_agent
        elif client.client_id in self.open_ids:
            self._changed[client.client_id] = client

    def closed(
        self, client: ClientMetrics, now: float, close_code: int | None, ended: str, cause: str = "", error: str = ""
    ) -> None:
        if client.client_id not in self.open_ids:
            return
        client.hold_latency(now)
        record = self._record(client)
        record.disconnected_at = now
        record.close_code = close_code
        record.ended = ended
        record.cause, record.error = cause, error
        del self.open_ids[client.client_id]
        self._not_taken.pop(client.client_id, None)
        self._changed.pop(client.client_id, None)
        self._keep(record)

    def take(self) -> list[SessionRecord]:
        """The records since the last call, oldest first."""
        for client_id in list(islice(self._changed, MOST_CHANGES)):
            self._keep(self._record(self._changed.pop(client_id)))
        waiting, self._waiting = self._waiting, []
        self._not_taken = {}
        return waiting

    def so_far(self, clients: Mapping[str, ClientMetrics], asked: Mapping[str, str]) -> list[SessionRecord]:
        """The records of open sessions with their totals until now; `asked` has the client's last known id by session.

        Sessions that are not open here are left out.
        """
        ids = {session: client for session, client in asked.items() if self.open_ids.get(client) == session}
        if len(ids) < len(asked):
            # Their clients may have been renamed since; this looks at all that are open.
            ids |= {session: client for client, session in self.open_ids.items() if session in asked}
        return [self._record(clients[client]) for client in ids.values() if client in clients]

    def _has_room(self, now: float) -> bool:
        minute = int(now // MINUTE)
        if minute != self._minute:
            self._minute, self._in_minute = minute, 0
        self._in_minute += 1
        if self._in_minute == MOST_A_MINUTE + 1:
            logger.warning("More than %d sessions in a minute: the others are counted but not stored", MOST_A_MINUTE)
        return self._in_minute <= MOST_A_MINUTE

    def _keep(self, record: SessionRecord) -> bool:
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append(record)
            return True
        self.dropped += 1
        return False

    def _record(self, client: ClientMetrics) -> SessionRecord:
        latency = client.latency_samples.lifetime()
        record = SessionRecord(
            session_id=self.open_ids[client.client_id],
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
            user=client.user,
            room=client.room,
            user_agent=client.user_agent,
        )
        if client.frame_times is not None:
            frame_times = client.frame_times.lifetime().sketch
            record.fps_average = client.fps_total / frame_times.count
            record.frame_time_sketch = frame_times.encode()
        return record
