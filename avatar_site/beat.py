"""Celery's beat as the site runs it: without a file, and telling its supervisor of each of its turns."""

from typing import Any

from celery.beat import Scheduler as CeleryScheduler

from avatar_site import pulse


class Scheduler(CeleryScheduler):
    """Keeps in memory when each task was last due: the tasks take up where they last ended, whenever that was.

    A file of it would be of no use to them, and which library writes it, when, and whether two may open it differs from
    one Python to the next.
    """

    def tick(self, *arguments: Any, **options: Any) -> float:
        seconds: float = super().tick(*arguments, **options)
        pulse.own().beat()
        return seconds
