"""When the jobs that keep the history run, whoever runs them: Celery's beat or `manage.py store_history`."""

from __future__ import annotations

from typing import NamedTuple


class Times(NamedTuple):
    """A job's moment in each minute, or in one minute of each hour; in seconds.

    A run that has not begun after `expires` is dropped: the next one does its work too.
    """

    second: int
    expires: int
    minute: int | None = None

    def next_after(self, moment: float) -> float:
        """The next time that it is due, UTC epoch seconds."""
        period, offset = (60, self.second) if self.minute is None else (3_600, self.minute * 60 + self.second)
        return moment - (moment - offset) % period + period


# Three seconds into a minute every node has handed over the previous minute, so it is stored whole at once. The next
# job rolls up what is stored by then; anything later waits for the next minute.
TIMES = {
    "store_snapshots": Times(second=3, expires=50),
    "roll_up": Times(second=8, expires=50),
    "prune": Times(second=20, expires=3_000, minute=17),
    "deliver_notices": Times(second=11, expires=50),
}


def task_name(job: str) -> str:
    """The name of the Celery task that runs a job of TIMES: one that no other project's task has."""
    return f"avatar_monitoring.{job}"
