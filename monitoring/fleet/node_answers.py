"""What a node does and says when another process asks it: it disconnects clients, and tells sessions' totals so far."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import msgspec

from monitoring.core.monitor import PerformanceMonitor
from monitoring.core.operator_close import disconnect
from monitoring.core.records import SessionRecord
from monitoring.fleet.node_calls import Handler

DISCONNECT, TOTALS = "disconnect", "totals"
"""The questions, by name."""

MOST_CLIENTS = 100
"""Clients of one question."""


class Target(msgspec.Struct, frozen=True):
    """One client; without a node it is meant wherever it is connected."""

    client_id: str
    node: str = ""


class Closed(msgspec.Struct):
    """The `number` of a target, and whether its connection could be closed."""

    number: int
    done: bool


class SoFar(msgspec.Struct):
    """Open sessions with their totals at `at`, UTC epoch seconds, by the clock of the node with this `boot`."""

    boot: str
    at: float
    sessions: list[SessionRecord]


def answers(monitor: PerformanceMonitor) -> dict[str, Handler]:
    """What this node answers, by the names of the questions."""
    close = partial(disconnect, monitor.collector)
    return {DISCONNECT: disconnecting(monitor.node, close), TOTALS: totals(monitor)}


def disconnecting(node: str, close: Callable[[str], Awaitable[bool | None]]) -> Handler:
    """Answers with the targets that were connected to this node; `close` closes one."""

    async def answer(about: Any) -> Any:
        targets = msgspec.convert(about, list[Target])[:MOST_CLIENTS]
        own = [(number, one) for number, one in enumerate(targets) if one.node in ("", node)]
        done = await asyncio.gather(*(close(one.client_id) for _, one in own))
        pairs = zip(own, done, strict=True)
        return msgspec.to_builtins([Closed(number, is_done) for (number, _), is_done in pairs if is_done is not None])

    return answer


def totals(monitor: PerformanceMonitor) -> Handler:
    """Answers for the sessions of this boot; the question has the clients' ids by session, by boot."""

    async def answer(about: Any) -> Any:
        asked = msgspec.convert(about, dict[str, dict[str, str]]).get(monitor.boot, {})
        if not asked:
            return None
        collector = monitor.collector
        found = collector.sessions.so_far(collector.client_metrics, asked)
        return msgspec.to_builtins(SoFar(monitor.boot, collector.clock(), found))

    return answer


def closed_in(said: Any) -> Sequence[Closed]:
    """Reads a node's answer to DISCONNECT; nothing if it had none."""
    return [] if said is None else msgspec.convert(said, list[Closed])


def so_far_in(said: Any) -> SoFar | None:
    """Reads a node's answer to TOTALS."""
    return None if said is None else msgspec.convert(said, SoFar)
