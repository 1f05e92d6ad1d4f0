"""The other members of a group: which ones have been heard recently."""

from __future__ import annotations

import time
from typing import NamedTuple

PEER_SECONDS = 16.0


class LastHeard(NamedTuple):
    """Another node: its name, and when it was last heard, by this process's monotonic clock."""

    name: str
    at: float


class Members:
    """Members by id; one that has been silent for 16 s, or `silent_seconds`, is none any more."""

    def __init__(self, silent_seconds: float | None = None) -> None:
        self.heard: dict[str, LastHeard] = {}
        self._silent_seconds = silent_seconds

    @property
    def names(self) -> dict[str, str]:
        return {member: heard.name for member, heard in self.heard.items()}

    def hear(self, member: str, name: str) -> bool:
        """Notes that it was heard now; returns whether it is new."""
        is_new = member not in self.heard
        self.heard[member] = LastHeard(name, time.monotonic())
        return is_new

    def forget_silent(self) -> list[str]:
        """Forgets the members that have been silent for too long; returns their ids."""
        now = time.monotonic()
        longest = PEER_SECONDS if self._silent_seconds is None else self._silent_seconds
        silent = [member for member, heard in self.heard.items() if now - heard.at >= longest]
        for member in silent:
            del self.heard[member]
        return silent
