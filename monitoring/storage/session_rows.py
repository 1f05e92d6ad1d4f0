"""Turns the record of a session into its row."""

from __future__ import annotations

from monitoring.columns import fitting, timestamp
from monitoring.core.cause_of_leaving import cause_of
from monitoring.core.records import Batch, SessionRecord
from monitoring.models import ClientSession


def session_row(batch: Batch, record: SessionRecord) -> ClientSession:
    """The unsaved row of a record; the totals of an open session are unknown.

    Raises ValueError for times that no calendar has.
    """
    is_over = record.disconnected_at is not None
    return ClientSession(
        node=fitting(batch.node),
        boot=batch.boot,
        session_id=record.session_id,
        client_id=fitting(record.client_id),
        user=record.user and fitting(record.user),
        room=record.room and fitting(record.room),
        path=fitting(record.path),
        remote=fitting(record.remote),
        connected_at=timestamp(record.connected_at),
        disconnected_at=None if record.disconnected_at is None else timestamp(record.disconnected_at),
        messages=record.messages if is_over else None,
        bytes_received=record.bytes_received if is_over else None,
        bytes_sent=record.bytes_sent if is_over else None,
        latency_average_ms=record.latency_average_ms,
        latency_p95_ms=record.latency_p95_ms,
        latency_sketch=record.latency_sketch,
        fps_average=record.fps_average,
        frame_time_sketch=record.frame_time_sketch,
        close_code=record.close_code,
        ended=fitting(record.ended, 32),
        # Nodes of releases before causes say only how it ended.
        cause=fitting(record.cause or (cause_of(record.ended, record.close_code) if is_over else ""), 32),
        error=fitting(record.error),
        user_agent=fitting(record.user_agent),
    )
