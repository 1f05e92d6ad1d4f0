"""Reads everything that the server knows about one client right now into one ClientSignals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.core.kernel_view import SocketView
from monitoring.core.signals import ClientSignals
from monitoring.core.wire.link import Link

if TYPE_CHECKING:
    from monitoring.core.collector import MetricsCollector
    from monitoring.core.metrics import ClientMetrics


class LastReading:
    """What one connection's counters were at its last reading: signals are what came since."""

    __slots__ = ("at", "not_read_ms", "pauses", "refused", "retransmits")

    def __init__(self, at: float) -> None:
        self.at = at
        self.pauses = self.refused = self.retransmits = 0
        self.not_read_ms = 0.0


def read_signals(collector: MetricsCollector, client_id: str) -> ClientSignals | None:
    """A new reading of this client, which its `ClientMetrics.signals` keeps too; None for an unknown client.

    What came "since the last reading" begins anew with each call, so a client has one reader: the judging.
    """
    client = collector.client_metrics.get(client_id)
    if client is None:
        return None
    signals = _reported(client)
    connection = collector.connections.of(client_id)
    if connection is not None:
        last, now = connection.last_reading, collector.clock()
        signals.loop_lag_ms = collector.loop_lags.since(last.at)
        last.at = now
        signals.wait_ms, signals.handler_ms = connection.times.read()
        signals.unanswered_ms = connection.unanswered_ms()
        _read_socket(signals, connection.socket, last)
        _read_link(signals, connection.link, last)
        if connection.watched is not None:
            connection.watched.look_again(signals.kernel_rtt_ms)
        _read_refusals(signals, connection.refused_messages, last)
    client.signals = signals
    return signals


def _reported(client: ClientMetrics) -> ClientSignals:
    """What pings found, and what the client itself says."""
    return ClientSignals(
        ping_ms=client.latency_samples.last,
        fps=client.fps,
        frame_time_ms=client.frame_time_ms,
        slow_frames_percent=client.slow_frames_percent,
        hidden=client.hidden,
        refresh_hz=None if client.page is None else client.page.refresh_hz,
    )


def _read_socket(signals: ClientSignals, socket: SocketView | None, last: LastReading) -> None:
    if socket is None:
        return
    signals.unsent_bytes = socket.unsent()
    info = socket.kernel()
    if info is None:
        return
    signals.kernel_rtt_ms, signals.kernel_min_rtt_ms = info.rtt_ms, info.min_rtt_ms
    signals.unsent_kernel_bytes, signals.silent_ms = info.notsent_bytes, info.last_data_recv_ms
    if info.retransmits is not None:
        signals.retransmits, last.retransmits = info.retransmits - last.retransmits, info.retransmits
    if info.rwnd_limited_ms is not None:
        signals.not_read_ms = info.rwnd_limited_ms - last.not_read_ms
        last.not_read_ms = info.rwnd_limited_ms


def _read_link(signals: ClientSignals, link: Link | None, last: LastReading) -> None:
    if link is None:
        return
    signals.unsent_bytes = link.unsent()
    pauses = link.pauses()
    if pauses is not None:
        signals.pauses, last.pauses = pauses - last.pauses, pauses


def _read_refusals(signals: ClientSignals, refused: int | None, last: LastReading) -> None:
    if refused is not None:
        signals.refused_messages, last.refused = refused - last.refused, refused
