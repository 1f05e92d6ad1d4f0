"""Celery's beat as the site runs it: without a file, and reporting each of its turns to its supervisor."""

from typing import Any

from celery.beat import Scheduler as CeleryScheduler

from avatar_site import pulse


class Scheduler(CeleryScheduler):
    """Keeps in memory when each task was last due.

    Tasks continue where they last ended, whenever that was, so a file would be of no use. Which library writes that
    file, when, and whether two processes may open it also differs from one Python to the next.
    """

    def tick(self, *arguments: Any, **options: Any) -> float:
        seconds: float = super().tick(*arguments, **options)
        pulse.own().beat()
        return seconds
