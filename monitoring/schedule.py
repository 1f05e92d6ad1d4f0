"""When Celery beat runs the tasks that keep the history: what a project adds to its `CELERY_BEAT_SCHEDULE`.

Safe to import in a settings module: nothing here reads Django's settings.
"""

from __future__ import annotations

from typing import Any

from monitoring.storage.timetable import TIMES, Times

try:
    from celery.schedules import crontab
except ImportError as error:
    raise ImportError(
        "BEAT needs Celery: `pip install celery`, or run `python manage.py store_history --loop` instead of it"
    ) from error


def _entry(name: str, times: Times) -> dict[str, Any]:
    return {
        "task": f"avatar_monitoring.{name}",
        "schedule": crontab() if times.minute is None else crontab(minute=str(times.minute)),
        "options": {"countdown": times.second, "expires": times.expires},
    }


BEAT = {f"avatar-monitoring-{name.replace('_', '-')}": _entry(name, times) for name, times in TIMES.items()}
