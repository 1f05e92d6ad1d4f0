"""What the packages above this one do for it; `apps.py` connects them when Django starts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Never

if TYPE_CHECKING:
    from monitoring.models import Alert


def _nobody(*_: object) -> Never:
    raise RuntimeError("nothing is connected: the AppConfig of monitoring has not run its ready()")


@dataclass
class ConnectedFunctions:
    """`refresh` gives alerts that fire the values that wait in the journal, in memory. `ask_to_send` asks a worker to
    send the notices that are due. Either raises RuntimeError until it is connected."""

    refresh: Callable[[Collection[Alert]], object] = _nobody
    ask_to_send: Callable[[], object] = _nobody


connected = ConnectedFunctions()
