"""The wrapper around a project's ASGI application: what is watched, what is guarded, and who serves viewers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass

from monitoring import conf, identifying, runtime
from monitoring.core.application_ping import ApplicationPing
from monitoring.core.asgi_types import ASGIApplication, Receive, Scope, Send
from monitoring.core.heartbeat import Heartbeat
from monitoring.core.identification import Ask
from monitoring.core.monitor import PerformanceMonitor
from monitoring.core.paths import ALL_BELOW, Paths
from monitoring.core.recorder import Recorder
from monitoring.exposition.otlp import exporter_class
from monitoring.servers import viewers_socket
from monitoring.servers.entrance import Entrance
from monitoring.servers.graceful_shutdown import GracefulShutdown
from monitoring.servers.guard import Guard, Linked
from monitoring.servers.lifecycle import BackgroundPart, Lifecycle, Served
from monitoring.servers.server_name import server_name
from monitoring.servers.uvicorn_ping import uvicorn_ping

logger = logging.getLogger(__name__)

OF_GUARD, OF_VIEWERS = "guard in monitored(…)", "the viewers' socket"
"""Who sets the limits of a WebSocket, as the log names it."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a project may ask of `monitored`, beside its application."""

    parts: Sequence[BackgroundPart]
    exclude: Container[str]
    identify: Ask | None
    guard: Container[str]
    ping: ApplicationPing | None


def monitored(
    app: ASGIApplication,
    *parts: BackgroundPart,
    exclude: Iterable[str] = (),
    identify: Ask | None = None,
    guard: bool | Iterable[str] = False,
    ping: ApplicationPing | None = None,
) -> ASGIApplication:
    """The monitored ASGI application: put it around the outermost application in `asgi.py`.

    It counts every WebSocket except those on the paths in `exclude`, serves the viewers' own WebSocket, and runs
    monitoring as long as the server runs. Everything else passes through unchanged, both ways. The project's own
    `parts` start before monitoring and stop after it.

    `guard` limits the size, rate and number of unread bytes of clients' messages under daphne, and tells clients with
    4012 when the server goes away: True on all WebSockets, or on these paths. A path that ends in `*` means all that
    begin so. `ping` measures round trips by a message under servers that cannot, such as `JsonPing()`.

    `identify(scope)` returns who a client is: a `Client`, an id alone, or None if it is not known; then the id is the
    one in `?client_id=`, or random. It may be a coroutine function, such as `django_user`.

    With AVATAR_MONITORING_ENABLED=false and neither parts nor guard it returns `app` itself. Raises
    ImproperlyConfigured for a bad setting; everything else is created when the server starts, in each process that it
    forks.
    """
    identifying.check(identify)
    settings = conf.current()
    if settings.otlp_endpoint:
        exporter_class(settings.otlp_endpoint)
    guarded = Paths([ALL_BELOW] if guard is True else guard or ())
    if not (settings.enabled or parts or guard):
        return app
    options = Options(parts, Paths(exclude), identify, guarded, ping)
    return Lifecycle(lambda: _served(app, options))


def _served(app: ASGIApplication, options: Options) -> Served:
    """What is served; if monitoring cannot be built, that costs the project only its monitoring."""
    try:
        return _watched(app, options)
    except Exception:
        logger.exception("Monitoring cannot start; the application is served without it")
        return Served(app, options.parts, bool)


def _watched(app: ASGIApplication, options: Options) -> Served:
    current = runtime.current()
    watching = list(current.parts)
    recorded, linked = app, app
    is_stopping: Callable[[], bool] = bool
    if current.monitor is not None:
        recorder = _recorder(app, options, current.monitor)
        recorded, linked = recorder, Linked(recorder, current.protection)
        watching += [recorder.heartbeat, recorder]
        is_stopping = recorder.is_stopping
    shutdown = GracefulShutdown(current.leave)

    async def viewers(scope: Scope, receive: Receive, send: Send) -> None:
        await (viewers_socket.consumer() or app)(scope, receive, send)

    entrance = Entrance(
        linked,
        untouched=app,
        exclude=options.exclude,
        viewers=shutdown.around(Guard(viewers, current.protection, OF_VIEWERS)),
        guarded=shutdown.around(Guard(recorded, current.protection, OF_GUARD)),
        guarded_only=shutdown.around(Guard(app, current.protection, OF_GUARD)),
        guard=options.guard,
    )
    return Served(entrance, [*options.parts, *watching, shutdown], is_stopping)


def _recorder(app: ASGIApplication, options: Options, monitor: PerformanceMonitor) -> Recorder:
    collector = monitor.collector
    # The heartbeat wakes up anyway, so it can probe the event loop at no cost.
    heartbeat = Heartbeat(collector.rescue, conf.current().pings_per_second, on_wake=monitor.meter.loop_came_late)
    return Recorder(
        app,
        collector,
        heartbeat=heartbeat,
        ping=options.ping,
        server_name=server_name,
        server_ping=uvicorn_ping,
        identification=identifying.identification(options.identify, collector.rescue),
    )
