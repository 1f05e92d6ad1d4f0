"""What is reported about one client by itself, its consumer or its server's pings."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from monitoring.core.inputs import echo
from monitoring.core.kernel_watch import WatchedClient
from monitoring.core.named import Named, rescued, running_loop
from monitoring.core.telemetry import Telemetry

logger = logging.getLogger(__name__)


class OwnReports(Named):
    """Takes reports about one client, and never raises."""

    __slots__ = ()
    watched: WatchedClient | None

    @rescued("counting a latency")
    def latency(self, milliseconds: float) -> None:
        self._collector.track_client_latency(self.client_id, milliseconds)
        if self.watched is not None:
            self.watched.answered(milliseconds)

    @rescued("counting a client's frames")
    def frames(self, fps: float, frame_time_ms: float, **more: Any) -> None:
        self._collector.track_client_rendered_frames(self.client_id, fps, frame_time_ms, **more)

    @rescued("counting a client's telemetry")
    def telemetry(self, told: Telemetry) -> None:
        # A consumer of threads is not on the loop, where everything is counted.
        if self._loop is None or self._loop is running_loop():
            self._take(told)
        else:
            self._loop.call_soon_threadsafe(partial(self._take, told))

    @rescued("counting a client's telemetry")
    def _take(self, told: Telemetry) -> None:
        long_frames = None if told.long_frames is None else int(told.long_frames)
        hidden = bool(told.hidden)
        self.frames(told.fps, told.frame_time_ms, low_fps=told.low_fps, long_frames=long_frames, hidden=hidden)
        client = self._collector.client_metrics.get(self.client_id)
        page = told.page
        # A hidden page says nothing more, and its display is what it was.
        if client is not None and not (hidden and page is None):
            client.page = page

    @rescued("counting a client's telemetry")
    def misreported(self, why: str) -> None:
        self._collector.protection.refused_messages += 1
        if self._collector.rescue.is_due("telemetry"):
            client = self._collector.client_metrics.get(self.client_id)
            path = "" if client is None else client.path
            logger.warning("Telemetry of client %s on %s is ignored: %s", echo(self.client_id), echo(path), why)
