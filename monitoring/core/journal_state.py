"""The state of a node's journal writer, as frames carry it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

ADDED = ("backlog", "spilled", "spilled_bytes", "dropped", "set_aside")


class JournalState(msgspec.Struct, frozen=True):
    """What has not reached the journal yet.

    `backlog` batches wait in memory, `spilled` on disk; `dropped` ones found no room and are lost, `set_aside` ones
    were unreadable on disk. `lag_seconds` is how long the oldest waiting batch has been waiting. `waits_for` says for
    what: "redis" while it does not answer, "room" while the journal is full, "database" while a new process does not
    know the site's name, "" while all is well; `since` is since when, UTC epoch seconds. Batches survive the process
    only if they are `on_disk`. `last_error` is for the log, not for viewers.
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
        """Everything except the last error: subscribed avatars get frames too, and it may name machines."""
        values = msgspec.structs.asdict(self)
        values["lag_seconds"] = round(self.lag_seconds, 1)
        del values["last_error"]
        return values


def merged(states: Sequence[dict[str, Any] | None]) -> dict[str, Any] | None:
    """The fleet's state from its nodes' `as_dict()`: batches are added, the longest lag counts; None if no node has
    any."""
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
