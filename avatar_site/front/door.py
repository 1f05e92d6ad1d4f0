"""Limits the WebSockets of this process: in total, per address, and by the file descriptors that are left."""

from __future__ import annotations

import logging
import os
import resource
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from avatar_site.front.addresses import Network, is_unlimited, source_of
from monitoring.core.wire.link import ProtectionCounters

logger = logging.getLogger(__name__)

TOO_MANY_REQUESTS, UNAVAILABLE = 429, 503
MOST = 1_048_576
"""No process needs more than this, even if the system would allow any number."""
RESERVE = 64
"""Reserved for viewers, health checks, the database and Redis."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Connections of one process. Loopback and trusted proxies, which many people share, count only in the total."""

    connections: int = 20_000
    per_address: int = 1_000
    trusted: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """The HTTP status and reason of an answer, and the cause it is counted under."""

    status: int
    cause: str
    reason: str


class Door:
    """Counts connections, and in `protection` the refused ones. Viewers do not count as avatars."""

    def __init__(self, limits: Limits, protection: Callable[[], ProtectionCounters]) -> None:
        """`protection` is a function, because each process that the server forks has its own."""
        self.limits = limits
        self._protection = protection
        self._of_address: Counter[tuple[bool, str]] = Counter()
        self._avatars = 0

    @property
    def protection(self) -> ProtectionCounters:
        return self._protection()

    def refusal(self, address: str | None, *, viewer: bool) -> Refusal | None:
        """Why one more connection may not come in, or None if it may."""
        limits = self.limits
        if self.is_crowded(address, viewer=viewer):
            return too_many_of_address(limits)
        if viewer:
            return None
        if self._avatars >= limits.connections:
            return Refusal(
                UNAVAILABLE,
                "connections",
                f"at most {limits.connections} connections are allowed (AVATAR_MAX_CONNECTIONS)",
            )
        if left() < RESERVE:
            return Refusal(UNAVAILABLE, "descriptors", f"out of descriptors: the process may open {limit()} files")
        return None

    def is_crowded(self, address: str | None, *, viewer: bool) -> bool:
        if is_unlimited(address, self.limits.trusted):
            return False
        return self._of_address[viewer, source_of(address) or ""] >= self.limits.per_address

    @contextmanager
    def inside(self, address: str | None, *, viewer: bool) -> Iterator[None]:
        key = viewer, source_of(address) or ""
        self._of_address[key] += 1
        self._avatars += not viewer
        try:
            yield
        finally:
            self._avatars -= not viewer
            self._of_address[key] -= 1
            if not self._of_address[key]:
                del self._of_address[key]

    def refused(self, refusal: Refusal, address: str | None) -> None:
        """Counts and logs a refusal; the log's filter reduces many to one line."""
        self.protection.refuse(refusal.cause)
        logger.warning("Refused a connection from %s: %s", address or "an unknown address", refusal.reason)


def too_many_of_address(limits: Limits) -> Refusal:
    reason = f"at most {limits.per_address} connections per address are allowed (AVATAR_MAX_CONNECTIONS_PER_ADDRESS)"
    return Refusal(TOO_MANY_REQUESTS, "address", reason)


def raise_limit() -> int:
    """Raises the soft limit to the hard limit; returns how many descriptors the process may now have open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return limit()


def limit() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else soft


def left() -> int:
    """How many are left, at most: the system always assigns the lowest number, so all below it are taken."""
    try:
        lowest = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    os.close(lowest)
    return limit() - lowest
