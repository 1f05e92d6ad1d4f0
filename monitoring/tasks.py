"""The Celery tasks: the jobs that keep the history and send notices, under names that no other project's tasks have."""

from __future__ import annotations

from typing import Any

from monitoring import jobs
from monitoring.extras import needed
from monitoring.storage.timetable import TIMES, task_name

with needed("celery"):
    from celery import Task, shared_task


class OnTime(Task):  # type: ignore[type-arg]
    """Runs some seconds into the minute, whoever sends it at its beginning.

    The schedule says so too, but the tables of django-celery-beat hold neither a countdown nor when a task expires.
    """

    def apply_async(self, *args: Any, **options: Any) -> Any:
        if options.get("eta") is None:
            options.setdefault("countdown", TIMES[self.__name__].second)
        return super().apply_async(*args, **options)


def task(name: str) -> Any:
    return shared_task(name=task_name(name), base=OnTime, ignore_result=True, expires=TIMES[name].expires)


@task("store_snapshots")
def store_snapshots() -> str:
    return jobs.store_snapshots()


@task("deliver_notices")
def deliver_notices() -> str:
    return jobs.deliver_notices()


@task("roll_up")
def roll_up() -> str:
    return jobs.roll_up()


@task("prune")
def prune() -> str:
    return jobs.prune()
