"""Which processes make up the site, and how to tell that each of them works."""

import http.client
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from avatar_site.front import listening
from avatar_site.front.addresses import in_url
from avatar_site.supervisor.child import Process
from avatar_site.supervisor.embedded_valkey import EmbeddedValkey

APPLICATION = "avatar_site.asgi:application"
MAX_MESSAGE = 64 * 1024
DAPHNE_OPTIONS = {
    "--websocket_timeout": -1,
    "--websocket-max-message-size": MAX_MESSAGE,
    "--websocket-max-frame-size": MAX_MESSAGE,
    "--ping-interval": 20,
    "--application-close-timeout": 5,
    "--verbosity": 0,
}
# Beat reports every five seconds, except while it waits for a Redis that is slow or away.
BEAT_TURN_SECONDS = 5
BEAT_SILENT_SECONDS = 60.0
# A disk that is slow to sync delays it.
VALKEY_SILENT_SECONDS = 30.0
# Five of Celery's lines, for which the command has its own.
ROOT_WARNING = "ignore:You're running the worker with superuser privileges"
CELERY = (sys.executable, "-m", "celery", "--quiet", "--app", "avatar_site.celery")


@dataclass(frozen=True)
class SiteProcesses:
    """What the operator asked for, and what was prepared. `environment` is added to the supervisor's own."""

    listener: socket.socket
    environment: Mapping[str, str]
    valkey: EmbeddedValkey | None = None
    application: str = APPLICATION
    workers: int = 1
    worker: bool = True
    beat: bool = True
    demo: int = 0

    @property
    def address(self) -> tuple[str, int]:
        """The address at which this machine reaches the site."""
        return listening.reached_at(self.listener)


def stages(site: SiteProcesses) -> list[list[Process]]:
    """The processes in order of their start; processes in one stage start together."""
    names = ["web"] if site.workers == 1 else [f"web-{number}" for number in range(1, site.workers + 1)]
    wanted = [
        [_valkey(site.valkey)] if site.valkey else [],
        [_web(site, name) for name in names],
        [*([_worker(site)] if site.worker else []), *([_beat(site)] if site.beat else [])],
        [_demo(site)] if site.demo else [],
    ]
    return [stage for stage in wanted if stage]


def _valkey(valkey: EmbeddedValkey) -> Process:
    return Process(
        "valkey",
        # Another process's Valkey serves both until that process stops.
        valkey.command if valkey.inherited else valkey.standby,
        inherited=valkey.inherited,
        directory=settings.BASE_DIR,
        is_ready=valkey.answers,
        is_alive=valkey.answers,
        silent_seconds=VALKEY_SILENT_SECONDS,
        # Its advice for machines that save gigabytes by forking, and its goodbye.
        hidden_lines=("Memory overcommit must be enabled", "scheduling shutdown", "ready to exit"),
    )


def _web(site: SiteProcesses, name: str) -> Process:
    options = [f"{option}={value}" for option, value in DAPHNE_OPTIONS.items()]
    listener = site.listener.fileno()
    # Its name in the Server header shows which of the processes on the shared socket answers.
    command = [sys.executable, "-m", "daphne", f"--fd={listener}", f"--server-name={name}", *options, site.application]
    # It reports from the event loop that serves, so a hanging process is distinguished from the others on the socket.
    return _python(site, name, command, inherited=(listener,), is_ready=lambda: answers(site.address, name))


def _worker(site: SiteProcesses) -> Process:
    options = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]
    # Two sites on one machine may share a Redis.
    name = f"avatar-{site.address[1]}@{socket.gethostname()}"
    command = [*CELERY, "worker", "--pool=solo", f"--hostname={name}", *options]
    return _python(site, "worker", command, essential=False)


def _beat(site: SiteProcesses) -> Process:
    options = [f"--max-interval={BEAT_TURN_SECONDS}", "--pidfile=", "--loglevel=WARNING"]
    command = [*CELERY, "beat", "--scheduler=avatar_site.celery:Scheduler", *options]
    return _python(site, "beat", command, essential=False, silent_seconds=BEAT_SILENT_SECONDS)


def _demo(site: SiteProcesses) -> Process:
    host, port = site.address
    arguments = ["--count", str(site.demo), "--url", f"ws://{in_url(host)}:{port}/ws/avatar/"]
    return _python(site, "demo", [sys.executable, "manage.py", "simulate_avatars", *arguments], essential=False)


def answers(address: tuple[str, int], name: str) -> bool:
    """Whether the server process with this name answers over HTTP without an error of its own."""
    connection = http.client.HTTPConnection(*address, timeout=1)
    try:
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        return response.status < 500 and response.headers["Server"] == name
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _python(site: SiteProcesses, name: str, command: Sequence[str], **options: Any) -> Process:
    """One of the site's own processes, which reports that it is ready and alive."""
    environment = {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": ROOT_WARNING, **site.environment}
    return Process(name, command, environment, directory=settings.BASE_DIR, has_pulse=True, **options)
