"""A node's own totals: counted tick by tick, and written for the other nodes to read, whatever Redis does."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec
from redis.asyncio import Redis

from monitoring.core.cancel import cancel_and_wait
from monitoring.core.grid import until_next
from monitoring.core.hub import Hub
from monitoring.core.journal_state import JournalState
from monitoring.core.monitor import PerformanceMonitor
from monitoring.core.tick import Tick
from monitoring.fleet.clock_skew import ClockSkew
from monitoring.fleet.totals import AlertCount, NodeTotals, ServerTotals, key_of
from monitoring.node_redis import NodeRedis
from monitoring.site import known_name

logger = logging.getLogger(__name__)

WRITE_SECONDS = 5.0
FIRST_SECONDS = 0.2


class JournalProgress(Protocol):
    """What has become of this node's batches; the journal has accepted `appended` of them."""

    appended: int

    @property
    def state(self) -> JournalState: ...


class NodeTotalsSink:
    """A sink of the monitor: this node's running totals."""

    def __init__(
        self,
        monitor: PerformanceMonitor,
        hub: Hub,
        journal: JournalProgress | None = None,
        *,
        place: str = "",
        versions: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._last: Tick | None = None
        self._monitor = monitor
        self._hub = hub
        self._journal = journal
        self._versions = versions
        self._node = NodeTotals(
            node=monitor.node, boot=monitor.boot, host=monitor.host, place=place, build={}, started_at=0.0
        )

    @property
    def ticked(self) -> bool:
        return self._last is not None

    def publish(self, tick: Tick) -> None:
        node = self._node
        if not self.ticked:
            node.started_at = tick.sample.start
        node.add(tick.sample)
        node.ticked_at = tick.timestamp
        node.cpu_ms += tick.cost.cpu_ms or 0.0
        node.bytes_broadcast += tick.cost.bytes_broadcast
        node.system, node.gauges = tick.system, tick.gauges
        node.store_lag_seconds = tick.sample.store_lag_seconds.average
        self._last = tick

    def snapshot(self, now: float) -> bytes:
        """The totals as msgpack, stamped as written `now` (UTC epoch seconds)."""
        node = self._node
        node.written_at = now
        node.build = dict(self._versions())
        node.server = self._server()
        node.alerts = self._alerts()
        if self._journal is not None:
            node.journal, node.journal_appended = self._journal.state, self._journal.appended
        return msgspec.msgpack.encode(node)

    def _server(self) -> ServerTotals:
        if self._last is None:
            return ServerTotals()
        server, cost, hub = self._last.server, self._last.cost, self._hub
        return ServerTotals.of(
            server, cost, viewers=hub.viewers, skipped_frames=hub.skipped_frames, verdicts=self._verdicts()
        )

    def _verdicts(self) -> dict[str, int] | None:
        """None if clients are not kept individually, for then none is judged."""
        collector = self._monitor.collector
        if collector.active_connections and not collector.client_metrics:
            return None
        return collector.verdicts.now(len(collector.client_metrics))

    def _alerts(self) -> list[AlertCount]:
        book = self._monitor.alerts
        firing = dict.fromkeys(((rule.metric, rule.severity) for rule in book.rules.values()), 0)
        for alert in book.standing():
            firing[alert.metric, alert.severity] += 1
        return [AlertCount(metric, severity, count) for (metric, severity), count in firing.items()]


class TotalsWriter:
    """Replaces this node's field of the hash every five seconds, and removes it at a clean stop.

    `failures` counts the writes that Redis did not accept; the first in a row is logged. `skew` learns how far this
    host's clock is ahead of that of Redis.
    """

    def __init__(self, redis_url: str, boot: str, totals: NodeTotalsSink, skew: ClockSkew) -> None:
        self.failures = 0
        self._skew = skew
        self._redis = NodeRedis(redis_url)
        self._boot = boot
        self._totals = totals
        self._fails = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="TotalsWriter")

    async def stop(self) -> None:
        """Removes this node from the fleet's totals, for which it waits half a second at most."""
        if self._task is not None:
            await cancel_and_wait(self._task)
        try:
            key = key_of(await known_name())
            async with self._redis.calling() as redis:
                await redis.hdel(key, self._boot)
        except Exception as error:
            logger.warning("This node's totals remain unchanged for a minute: %s", said(error))
        await self._redis.close()

    async def _run(self) -> None:
        while True:
            # The first totals should be visible soon after the first tick.
            if self._totals.ticked:
                await self._try_to_write()
            # At multiples of five seconds the journal's batches are full and this process is awake anyway.
            await asyncio.sleep(until_next(time.time(), WRITE_SECONDS) if self._totals.ticked else FIRST_SECONDS)

    async def _try_to_write(self) -> None:
        try:
            key = key_of(await known_name())
            async with self._redis.calling() as redis:
                now = await self._time(redis)
            async with self._redis.calling() as redis:
                await redis.hset(key, self._boot, self._totals.snapshot(now))
        except Exception as error:  # whatever a client raises: if this task died, the totals would end
            self._failed(error)
        else:
            self._fails = False

    async def _time(self, redis: Redis) -> float:
        """The clock of Redis, which is one for all nodes; also records how far this host's clock differs."""
        asked, steady = time.time(), time.monotonic()
        seconds, microseconds = await redis.time()
        now = float(seconds + microseconds / 1e6)
        self._skew.read(now, asked, time.monotonic() - steady)
        return now

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        if not self._fails:
            logger.warning("Cannot write this node's totals: %s", said(error))
        self._fails = True


def said(error: Exception) -> str:
    return str(error) or type(error).__name__
