"""Whom answers concern: the nodes, which have to know of them, and the channels, which may have to be told.

Both depend on answers and silences, so they are not imported here: `apps.py` connects them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from monitoring.models import Alert


def _nothing(*_: object) -> None:
    """Until something is connected, nobody is concerned."""


@dataclass
class Concerned:
    """`publish` tells the nodes once the transaction has committed, `plan` writes the notices that are due at a moment,
    and `refresh` gives alerts that fire the values that wait in the journal, in memory."""

    publish: Callable[[], object] = _nothing
    plan: Callable[[datetime], object] = _nothing
    refresh: Callable[[Collection[Alert]], object] = _nothing


concerned = Concerned()


def announce(now: datetime) -> None:
    """For whoever has changed answers or silences; call it in the same transaction."""
    concerned.publish()
    concerned.plan(now)
