"""Asks a Celery worker to store the journal now, if this process has the Celery application that stores it each minute.

The request goes over a connection of its own, so that it neither waits for nor disturbs what the project sends. It is
a copy of what beat sends each minute: a lost, late or doubled one changes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

TASK = "avatar_monitoring.store_snapshots"
SECONDS = 1.0
"""For setting up the connection, and for each answer of the broker."""

AT_ONCE = {
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "socket_timeout": SECONDS,
    "socket_connect_timeout": SECONDS,
    "retry_on_timeout": False,
}


def scheduling_app() -> Any:
    """This process's Celery application if its beat stores the journal, otherwise None.

    Nothing is imported: a process that has not imported Celery has no application either.
    """
    celery = sys.modules.get("celery")
    if celery is None:
        return None
    app = celery.current_app._get_current_object()
    return app if schedule_entry(app) is not None else None


def schedule_entry(app: Any) -> Mapping[str, Any] | None:
    """The entry for the task in the application's beat schedule."""
    entries = [entry for entry in app.conf.beat_schedule.values() if isinstance(entry, Mapping)]
    return next((entry for entry in entries if entry.get("task") == TASK), None)


def send(app: Any) -> None:
    """Sends the task once, to the queue to which beat sends it; waits for a second or three, so not in an event loop.

    Raises whatever Celery raises while the broker is away.
    """
    entry = schedule_entry(app) or {}
    # Beat's own task begins some seconds into the minute.
    options = {name: value for name, value in (entry.get("options") or {}).items() if name != "countdown"}
    transport = {**app.conf.broker_transport_options, **AT_ONCE}
    with app.connection_for_write(connect_timeout=SECONDS, transport_options=transport) as connection:
        app.send_task(TASK, connection=connection, retry=False, ignore_result=True, **options)
