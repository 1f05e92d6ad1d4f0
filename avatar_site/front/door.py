"""How many WebSockets this process lets in: in all, of one address, and while it has descriptors left."""

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
"""More than this no process needs, where the system would allow any number."""
RESERVE = 64
"""Kept free of avatars, for viewers, health checks, the database and Redis."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Connections of one process. Behind loopback and trusted proxies, where many share one address, only all count."""

    connections: int = 20_000
    per_address: int = 1_000
    trusted: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """The HTTP status and reason of an answer, and the cause by which it is counted."""

    status: int
    cause: str
    reason: str


class Door:
    """Counts who is in, and in `protection` who is not let in. Viewers do not count as avatars."""

    def __init__(self, limits: Limits, protection: Callable[[], ProtectionCounters]) -> None:
        """`protection` is asked for when it is needed: each process that the server forks has one of its own."""
        self.limits = limits
        self._protection = protection
        self._of_address: Counter[tuple[bool, str]] = Counter()
        self._avatars = 0

    @property
    def protection(self) -> ProtectionCounters:
        return self._protection()

    def refusal(self, address: str | None, *, viewer: bool) -> Refusal | None:
        """Why one more may not come in, None if it may."""
        limits = self.limits
        if self.is_crowded(address, viewer=viewer):
            return too_many_of_address(limits)
        if viewer:
            return None
        if self._avatars >= limits.connections:
            return Refusal(
                UNAVAILABLE, "connections", f"allowed are {limits.connections} connections (AVATAR_MAX_CONNECTIONS)"
            )
        if left() < RESERVE:
            return Refusal(UNAVAILABLE, "descriptors", f"no room: the process may open {limit()} files")
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
        """Counts a refusal and says so; the log's filter makes one line of many."""
        self.protection.refuse(refusal.cause)
        logger.warning("Refused a connection of %s: %s", address or "an unknown address", refusal.reason)


def too_many_of_address(limits: Limits) -> Refusal:
    reason = f"allowed are {limits.per_address} connections of one address (AVATAR_MAX_CONNECTIONS_PER_ADDRESS)"
    return Refusal(TOO_MANY_REQUESTS, "address", reason)


def raise_limit() -> int:
    """Raises the soft limit to the hard one; how many descriptors the process may have open now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return limit()


def limit() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else soft


def left() -> int:
    """How many are left, at most: the system always gives the lowest, so all below it are taken."""
    try:
        lowest = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    os.close(lowest)
    return limit() - lowest
