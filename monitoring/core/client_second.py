"""What the page of one client shows of its last second, and the client's place among all clients."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from monitoring.core.address_masks import Mask
from monitoring.core.browser_family import browser_of
from monitoring.core.client_row import tenths
from monitoring.core.collector import MetricsCollector
from monitoring.core.metrics import rounded
from monitoring.core.signals import ClientSignals
from monitoring.core.stats.latest_values import SHARES
from monitoring.core.stats.log_bins import bin_of
from monitoring.core.stats.sketch import Sketch

if TYPE_CHECKING:
    from monitoring.core.message import Report

ClientSecond = dict[str, Any]
UNKNOWN = ClientSignals()


def second_of(
    collector: MetricsCollector, client_id: str, timestamp: float, node: str, ahead: float = 0.0
) -> ClientSecond | None:
    """One client at `timestamp`, UTC epoch seconds: who it is, its counts since it connected, its latest measurements.

    None for an unknown client. Values that are not known are None. The wall clock may be `ahead` of the collector's.
    """
    client = collector.client_metrics.get(client_id)
    if client is None:
        return None
    signals, judgement, now = client.signals or UNKNOWN, client.judgement, collector.now
    return {
        "client_id": client_id,
        "at": round(timestamp, 3),
        "connected_at": tenths(client.connected_at + ahead),
        "node": node,
        "path": client.path,
        "remote": client.remote,
        "user_agent": client.user_agent,
        "browser": browser_of(client.user_agent).text,
        "user": client.user,
        "room": client.room,
        "messages_received": client.message_count,
        "messages_sent": client.sent_count,
        "bytes_received": client.bytes_received,
        "bytes_sent": client.bytes_sent,
        "latency_ms": rounded(now.latencies.value(client_id), 2),
        "kernel_rtt_ms": rounded(signals.kernel_rtt_ms, 2),
        "handler_ms": rounded(signals.handler_ms, 3),
        "fps": rounded(now.fps.value(client_id), 1),
        "frame_time_ms": rounded(now.frame_times.value(client_id), 2),
        "unsent_bytes": signals.unsent_bytes,
        "hidden": client.hidden,
        "verdict": judgement and judgement.verdict.value,
        "sure": judgement and judgement.sure.value,
        "evidence": judgement.evidence if judgement is not None else {},
    }


def newest_second(reports: Iterable[Report], client_id: str, mask: Mask = str) -> ClientSecond | None:
    """What these nodes say of a client, and `mask` leaves of its address; if it is on two nodes, its newest connection
    counts."""
    found = [report.looked_at[client_id] for report in reports if client_id in report.looked_at]
    newest = max(found, key=itemgetter("connected_at"), default=None)
    return newest and {**newest, "remote": mask(newest["remote"])}


def place_of(second: ClientSecond, latencies: Sketch, frame_rates: Sketch) -> dict[str, Any]:
    """How many percent of the other clients are faster, and draw more frames, and among how many clients.

    The distributions hold each client SHARES times. Clients within a percent of each other count as equally fast. A
    share is None if the client's own value is not known, or no other client has one.
    """
    return {
        "slower_than_percent": _share(second["latency_ms"], latencies, of_lower=True),
        "measured_clients": latencies.count // SHARES,
        "fewer_frames_than_percent": _share(second["fps"], frame_rates, of_lower=False),
        "drawing_clients": frame_rates.count // SHARES,
    }


def _share(value: float | None, values: Sketch, *, of_lower: bool) -> float | None:
    """How many percent of the others have a lower value, or a higher one."""
    others = values.count - SHARES
    if value is None or others <= 0:
        return None
    own = bin_of(value)
    beyond = sum(count for index, count in values.bins.items() if (index < own if of_lower else index > own))
    return round(100 * min(beyond, others) / others, 1)
