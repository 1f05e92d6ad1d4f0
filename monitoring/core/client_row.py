"""SPEC.md's row of one client, as frames have it."""

from __future__ import annotations

from typing import Any

from monitoring.core.browser_family import browser_of
from monitoring.core.metrics import ClientMetrics, rounded
from monitoring.core.standing import Standing
from monitoring.core.verdicts import Verdict

NOBODY_LOOKED = Standing()


def row(
    client: ClientMetrics, now: float, node: str, ahead: float = 0.0, standing: Standing = NOBODY_LOOKED
) -> dict[str, Any]:
    """SPEC.md's row of one client, plus its node, rate, states, frame rate and round trips; None for what was not
    measured.

    It has `user`, `room` and `browser` only if they are known, `evidence` and `sure` only if the verdict is not "fine",
    so that frames stay small.

    The wall clock may be `ahead` of the clock that took the client's times.
    """
    average, last, p95, jitter = client.latency_samples.figures
    connected_at = client.connected_at
    shown: dict[str, Any] = {
        "client_id": client.client_id,
        "connected_at": tenths(connected_at + ahead),
        "message_count": client.message_count,
        "messages_per_second": standing.rate_of(client, now),
        "bytes_sent": client.bytes_sent,
        "bytes_received": client.bytes_received,
        "last_message_time": tenths(client.last_message_time + ahead) if client.last_message_time else 0.0,
        "average_latency_ms": average,
        "latency_ms": last,
        "p95_latency_ms": p95,
        "jitter_ms": jitter,
        "connection_duration": tenths(now - connected_at),
        "node": node,
        "fps": client.fps,
        "frame_time_ms": rounded(client.frame_time_ms, 2),
        "low_fps": client.low_fps,
        "long_frames": client.long_frames,
        "hidden": client.hidden,
        "states": list(standing.states_of(client, now)),
    }
    _add_judgement(shown, client)
    _add_known_names(shown, client)
    return shown


def _add_judgement(shown: dict[str, Any], client: ClientMetrics) -> None:
    judgement = client.judgement
    shown["verdict"] = None if judgement is None else judgement.verdict
    if judgement is not None and judgement.verdict is not Verdict.FINE:
        shown["evidence"] = judgement.evidence
        shown["sure"] = judgement.sure


def _add_known_names(shown: dict[str, Any], client: ClientMetrics) -> None:
    if client.user is not None:
        shown["user"] = client.user
    if client.room is not None:
        shown["room"] = client.room
    browser = browser_of(client.user_agent).shown
    if browser is not None:
        shown["browser"] = browser


def tenths(seconds: float) -> float:
    """Rounds to one digit. It takes half the time of round(), which computes the exact decimal."""
    return int(seconds * 10 + 0.5) / 10
