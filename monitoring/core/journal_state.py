"""How a node's way to the journal is doing, as frames carry it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

ADDED = ("backlog", "spilled", "spilled_bytes", "dropped", "set_aside")


class JournalState(msgspec.Struct, frozen=True):
    """What has not reached the journal yet.

    `backlog` batches wait in memory, `spilled` on disk; `dropped` found no room and are lost, `set_aside` are what was
    unreadable on disk. `lag_seconds` is how long the oldest that waits has been waiting. `waits_for` says for what:
    "redis" while it does not answer, "room" while the journal is full, "database" while a new process has not been told
    the site's name, "" while all is well; `since` is since when, UTC epoch seconds. Only what is `on_disk` outlives the
    process. `last_error` is for the log, not for viewers.
    """

    backlog: int = 0
    spilled: int = 0
    spilled_bytes: int = 0
    dropped: int = 0
    set_aside: int = 0
    lag_seconds: float = 0.0
    waits_for: str = ""
    since: float | None = None
    on_disk: bool = False
    last_error: str = ""

    def as_dict(self) -> dict[str, Any]:
        """All but the last error: avatars that subscribe get frames too, and it may name machines."""
        values = msgspec.structs.asdict(self)
        values["lag_seconds"] = round(self.lag_seconds, 1)
        del values["last_error"]
        return values


def merged(states: Sequence[dict[str, Any] | None]) -> dict[str, Any] | None:
    """The fleet's of its nodes' `as_dict()`: batches are added, of lags the longest counts; None where none has any."""
    known = [state for state in states if state is not None]
    if not known:
        return None
    waiting = [state for state in known if state["waits_for"]]
    first = min(waiting, key=lambda state: state["since"], default=known[0])
    return {
        **first,
        **{name: sum(state[name] for state in known) for name in ADDED},
        "lag_seconds": max(state["lag_seconds"] for state in known),
        "on_disk": all(state["on_disk"] for state in waiting or known),
    }
