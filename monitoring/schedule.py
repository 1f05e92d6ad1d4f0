"""When Celery beat runs the tasks that keep the history: what a project adds to its `CELERY_BEAT_SCHEDULE`.

Safe to import in a settings module: nothing here reads Django's settings.
"""

from __future__ import annotations

from typing import Any

from monitoring.extras import MissingExtraError, needed
from monitoring.storage.timetable import TIMES, Times, task_name

try:
    with needed("celery"):
        from celery.schedules import crontab
except MissingExtraError as error:
    raise MissingExtraError(f"BEAT: {error}; without Celery, run `manage.py store_history --loop`") from error


def _entry(name: str, times: Times) -> dict[str, Any]:
    return {
        "task": task_name(name),
        "schedule": crontab() if times.minute is None else crontab(minute=str(times.minute)),
        "options": {"countdown": times.second, "expires": times.expires},
    }


BEAT = {f"avatar-monitoring-{name.replace('_', '-')}": _entry(name, times) for name, times in TIMES.items()}
