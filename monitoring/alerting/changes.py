"""Tells whom answers concern: the nodes, which have to know of them, and the channels, which may have to be told."""

from __future__ import annotations

from datetime import datetime

from monitoring.alerting import live_state, outbox


def announce(now: datetime) -> None:
    """For whoever has changed answers or silences; call it in the same transaction."""
    live_state.publish_on_commit()
    outbox.plan_notices(now)
