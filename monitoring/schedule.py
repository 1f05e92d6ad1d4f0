"""When Celery beat runs the tasks that keep the history: what a project adds to its `CELERY_BEAT_SCHEDULE`."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

# Three seconds into a minute every node has handed over the previous minute, so it is stored whole at once. The next
# task rolls up what is stored by then; anything later waits for the next minute.
BEAT: dict[str, dict[str, Any]] = {
    "avatar-monitoring-store-snapshots": {
        "task": "avatar_monitoring.store_snapshots",
        "schedule": crontab(),
        "options": {"countdown": 3, "expires": 50},
    },
    "avatar-monitoring-roll-up": {
        "task": "avatar_monitoring.roll_up",
        "schedule": crontab(),
        "options": {"countdown": 8, "expires": 50},
    },
    "avatar-monitoring-prune": {
        "task": "avatar_monitoring.prune",
        "schedule": crontab(minute="17"),
        "options": {"countdown": 20, "expires": 3_000},
    },
}
