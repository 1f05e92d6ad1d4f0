"""`manage.py start_avatar_web_server`: the whole site with one command."""

import gc
import logging
import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.http.request import validate_host

from avatar_site.configuration.private_files import PRIVATE_UMASK
from avatar_site.configuration.variables import whole_number
from avatar_site.front import door, listening
from avatar_site.logs.handler import LogHandler
from avatar_site.supervisor import parent_death, preparation
from avatar_site.supervisor.background_writer import BackgroundWriter
from avatar_site.supervisor.child import Child
from avatar_site.supervisor.console import Console
from avatar_site.supervisor.embedded_valkey import EmbeddedValkey
from avatar_site.supervisor.processes import SiteProcesses, stages
from avatar_site.supervisor.supervisor import StartError, Supervisor
from monitoring import site
from monitoring.conf import VARIABLES, current
from monitoring.management.shared_options import CommandWithExamples
from monitoring.parsers import parse_variable
from monitoring.storage.leftovers import store_leftovers

MAX_WORKERS = 64
MAX_DEMO = 10_000
# What nobody has read by then is lost; the processes are already gone.
LAST_WORDS_SECONDS = 0.5
EXAMPLES = """examples:
  python manage.py start_avatar_web_server                            # http://127.0.0.1:8000/
  python manage.py start_avatar_web_server --demo 25                  # with simulated avatars
  python manage.py start_avatar_web_server --host 10.0.0.7 --workers 4
  python manage.py start_avatar_web_server --no-beat                  # on every machine but one

Ctrl-C stops all; a second one kills what is left.
"""
LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}


class Command(CommandWithExamples):
    examples = EXAMPLES
    tells_infos = True
    help = "Starts the avatar site: servers, a storing worker and, without REDIS_URL, Valkey. Ctrl-C stops all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-monitoring", action="store_true", help="neither monitor nor store history")
        parser.add_argument(
            "--no-worker", action="store_true", help="start no worker and no beat: another machine stores history"
        )
        parser.add_argument(
            "--no-beat", action="store_true", help="start no beat: a site needs only one, on any machine"
        )
        parser.add_argument("--metrics-interval", metavar="S", help="seconds between frames (AVATAR_METRICS_INTERVAL)")
        parser.add_argument("--host", default="127.0.0.1", help="address or name to listen on, such as ::1 (127.0.0.1)")
        parser.add_argument("--port", default="8000", help="TCP port to listen on (8000)")
        parser.add_argument("--workers", metavar="N", default="1", help="server processes (1)")
        parser.add_argument("--demo", metavar="N", default="0", help="simulated avatars (0)")

    def handle(self, *_: Any, **options: Any) -> None:
        output = BackgroundWriter(sys.stdout)
        self.console = Console(output, settings.AVATAR_LOG_FORMAT)
        # Tearing down everything imported would delay whoever waits for this process to end.
        gc.freeze()
        try:
            self._run(**options)
        finally:
            output.finish(LAST_WORDS_SECONDS)

    def _run(self, **options: Any) -> None:
        # The processes inherit it.
        door.raise_limit()
        host, port = options["host"], parse_variable("--port", options["port"], whole_number(1, 65_535))
        workers = parse_variable("--workers", options["workers"], whole_number(1, MAX_WORKERS))
        demo = parse_variable("--demo", options["demo"], whole_number(0, MAX_DEMO))
        environment = _environment(options["metrics_interval"], monitoring=not options["no_monitoring"])
        self.monitoring = not options["no_monitoring"] and current().enabled
        has_worker = self.monitoring and not options["no_worker"]
        has_beat = has_worker and not options["no_beat"]
        preparation.check_data_directory(settings.DATA_DIR)
        with listening.listen(host, port) as listener:
            self.host, self.is_open = listening.shown(host, listener), listening.is_every_address(listener)
            self.url = f"http://{self.host}:{port}/"
            if not settings.EMBEDDED_VALKEY:
                preparation.check_redis(settings.REDIS_URL)
            # Done before taking Valkey's place: another process that starts now waits ten seconds for its answer.
            environment["AVATAR_SITE"] = self._prepare()
            _log_in_the_background()
            with _embedded_valkey() as valkey:
                wanted = SiteProcesses(
                    listener, environment, valkey, workers=workers, worker=has_worker, beat=has_beat, demo=demo
                )
                try:
                    Supervisor(stages(wanted), self.console).run(self._announce)
                except StartError as error:
                    raise CommandError(str(error)) from error

    def _prepare(self) -> str:
        """Does everything that must be done first; returns the site's name, so that no process asks for it again."""
        preparation.collect_static_files(self.console.say)
        # A proxy may serve the static files itself. Nobody else reads files created from here on.
        os.umask(PRIVATE_UMASK)
        preparation.prepare_database(self.console.say)
        name = site.name()
        if not settings.EMBEDDED_VALKEY:
            preparation.check_redis_rights(settings.REDIS_URL, name, self.console.say)
        password = None
        if not _is_kept():
            password = preparation.first_administrator(self.console.say)
        elif not preparation.has_administrator():
            self.console.warn("Nobody can sign in yet: create an administrator with `python manage.py createsuperuser`")
        preparation.close_database()
        if password:
            self.console.box(
                [
                    "Your administrator account (shown only once):",
                    f"  {self.url}",
                    "  user      admin",
                    f"  password  {password}",
                ]
            )
        if not self.monitoring:
            self.console.say("Monitoring is off: there are no metrics, no worker and no beat.")
        if not _is_allowed(self.host, every_address=self.is_open):
            allowed = ", ".join(settings.ALLOWED_HOSTS)
            why = "so only this machine has access" if self.is_open else f"which does not include {self.host}"
            self.console.warn(
                f"The allowed hosts are {allowed}, {why}: set DJANGO_ALLOWED_HOSTS to the names that browsers use"
            )
        if os.geteuid() == 0:
            self.console.say("Note: this runs as root; a dedicated user is safer.")
        if not parent_death.SUPPORTED:
            self.console.say("Note: on this system the processes keep running if this one is killed with SIGKILL.")
        return name

    def _announce(self, children: list[Child]) -> None:
        rows = [(child.name, str(child.pid or "-"), _health(child)) for child in children]
        self.console.table([("PROCESS", "PID", "HEALTH"), *rows])
        self.console.say(f"The avatar site runs at {self.url} - Ctrl-C stops it.")
        if not self.monitoring:
            # Otherwise alerts and sessions of an earlier start would stay open forever, because there is no worker.
            Thread(target=store_leftovers, args=[time.sleep], name="leftovers", daemon=True).start()


def _log_in_the_background() -> None:
    """A log line that nobody reads would block its thread, and at the end the whole process."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, LogHandler):
            handler.setStream(BackgroundWriter(handler.stream))


def _is_kept() -> bool:
    """Whether this command's output is stored, as by systemd's journal: it is then no place for a password."""
    return settings.AVATAR_LOG_FORMAT == "json" or "JOURNAL_STREAM" in os.environ


def _health(child: Child) -> str:
    return "not ready yet" if child.ready_after is None else f"ready after {child.ready_after:.1f} s"


def _environment(metrics_interval: str | None, *, monitoring: bool) -> dict[str, str]:
    """Environment variables that the processes get in addition to this one's environment."""
    # With REDIS_URL set, none of them runs its own Valkey: this command does.
    environment = {"REDIS_URL": settings.REDIS_URL}
    if not monitoring:
        environment["AVATAR_MONITORING_ENABLED"] = "false"
    if metrics_interval is not None:
        _, parser = VARIABLES["AVATAR_METRICS_INTERVAL"]
        parse_variable("--metrics-interval", metrics_interval, parser)
        environment["AVATAR_METRICS_INTERVAL"] = metrics_interval
    return environment


@contextmanager
def _embedded_valkey() -> Iterator[EmbeddedValkey | None]:
    """The Valkey to run, its directory locked unless another process runs it; None if REDIS_URL names one."""
    if not settings.EMBEDDED_VALKEY:
        yield None
        return
    valkey = EmbeddedValkey(settings.DATA_DIR)
    try:
        valkey.claim()
        yield valkey
    finally:
        valkey.release()


def _is_allowed(host: str, *, every_address: bool) -> bool:
    """Whether browsers are allowed; on every address they need a name besides the machine's local ones."""
    if every_address:
        return not set(settings.ALLOWED_HOSTS) <= LOCAL_NAMES
    return validate_host(host, settings.ALLOWED_HOSTS)
