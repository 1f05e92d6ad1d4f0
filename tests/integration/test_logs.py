"""What real processes write, every line of it: in the log's format, one event per line, and without secrets."""

import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from websockets.exceptions import WebSocketException

from tests.avatar_site.test_start_avatar_web_server import Started
from tests.site import APPLICATION, ROOT, Site, eventually, free_port, running_site

NOBODY = "redis://me:hush-hush@127.0.0.1:1/0"
NO_DATABASE = "postgres://me:hush-hush@127.0.0.1:1/avatars"
CELERY = ("-m", "celery", "--quiet", "--app", "avatar_site.celery")
BROKEN = """
import sys, django
from avatar_site import celery
django.setup()
from monitoring import tasks
def broken():
    raise ValueError("It is broken:\\nhush-hush")
tasks.store_snapshots.run = broken
celery.app.conf.beat_schedule = {}
celery.app.send_task("avatar_monitoring.store_snapshots")
sys.argv[0] = "celery"
celery.app.worker_main(["--quiet", "worker", "--pool=solo", "--without-gossip", "--without-mingle", "--loglevel=INFO"])
"""


def events(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_line_of_the_supervised_site_is_an_event_of_a_process(tmp_path):
    with running_site(tmp_path, AVATAR_LOG_FORMAT="json") as site:
        started = Started(site, "--no-beat").runs()
        (worker,) = [event["message"].split()[1] for event in events(site.logs()) if event["message"][:7] == "worker "]
        os.kill(int(worker), signal.SIGKILL)
        started.wait_for(r"worker started again")
        started.process.terminate()
        assert started.process.wait(20) == 0
        found = events(site.logs())
    assert all({"time", "level", "process", "pid", "message"} <= set(event) for event in found)
    assert {event["process"] for event in found} >= {"supervisor"}
    assert {event["level"] for event in found if "was killed" in event["message"]} == {"WARNING"}
    # A log like this is stored.
    assert not any("password" in event["message"] for event in found)
    assert any("createsuperuser" in event["message"] for event in found)


def asked(site: Site) -> None:
    """Requests whose addresses contain secrets."""
    for query in ("ticket=hush-hush", "resume=hush-hush", "token=hush-hush"):
        with suppress(OSError, WebSocketException), site.avatar(query):
            pass
        with pytest.raises(HTTPError):
            urlopen(f"{site.url}/nowhere/?{query}")


SERVERS = (("-m", "daphne", "-p"), ("-m", "uvicorn", "--ws=websockets-sansio", "--port"), ("manage.py", "runserver"))


def test_access_lines_are_events_too_and_hide_secrets(site):
    site.environment["AVATAR_LOG_FORMAT"] = "json"
    for command in SERVERS:
        place = [str(site.port), "--noreload" if command[0] == "manage.py" else APPLICATION]
        server = site.server(*command, *place)
        asked(site)
        log = site.directory / f"process-{len(site.processes) - 1}.log"
        eventually(lambda log=log: log.read_text().count("/nowhere/") >= 3, what=site.logs)
        server.terminate()
        server.wait(10)
        # What runserver prints for the person who typed it goes to stdout.
        lines = [line for line in log.read_text().splitlines() if command[0] != "manage.py" or line.startswith("{")]
        found = events("\n".join(lines))
        assert {event["process"] for event in found} == {"web"}
        assert [event["message"] for event in found if "/nowhere/" in event["message"]]
    assert "hush-hush" not in site.logs()


def test_a_failing_task_is_one_event_without_the_password(shared):
    shared.environment |= {"AVATAR_LOG_FORMAT": "json", "AVATAR_API_TOKENS": "hush-hush-hush-hush-hush"}
    worker = shared.spawn("-c", BROKEN.replace("hush-hush", "hush-hush-hush-hush-hush"))
    eventually(lambda: "It is broken" in shared.logs(), seconds=30, what=shared.logs)
    worker.terminate()
    worker.wait(20)
    (failed,) = [event for event in events(shared.logs()) if "It is broken" in event.get("traceback", "")]
    assert failed["level"] == "ERROR"
    assert failed["traceback"].endswith("ValueError: It is broken:\n***")
    assert any("Warm shutdown" in event["message"] for event in events(shared.logs()))


WORKER = (*CELERY, "worker", "--pool=solo")
DAPHNE = ("-m", "daphne", "--verbosity=0", "-u", "web.sock", APPLICATION)
AWAY = (
    (WORKER, {"REDIS_URL": NOBODY}, "Cannot connect to redis://me:***@127.0.0.1:1/0"),
    (WORKER, {"DATABASE_URL": NO_DATABASE}, "Waiting for the database"),
    (DAPHNE, {"REDIS_URL": NOBODY}, "Redis of REDIS_URL"),
    (WORKER, {"REDIS_URL": "http://x"}, "REDIS_URL=http://x: must be"),
    (DAPHNE, {"DATABASE_URL": "x"}, "DATABASE_URL=x: must be"),
)


def test_each_service_that_is_away_at_the_start_is_one_line_that_names_it(tmp_path):
    """All at once: most of a start is waiting."""
    with ExitStack() as stack:
        sites = []
        for number, (command, variables, said) in enumerate(AWAY):
            (directory := tmp_path / str(number)).mkdir()
            site = stack.enter_context(running_site(directory, AVATAR_LOG_FORMAT="json", **variables))
            if "DATABASE_URL" not in variables:
                site.environment["AVATAR_SITE"] = "logs"
            site.spawn(*(str(directory / part) if part == "web.sock" else part for part in command))
            sites.append((site, said))
        for site, said in sites:
            eventually(lambda site=site, said=said: said in site.logs(), seconds=40, what=site.logs)
            (process,) = site.processes
            process.kill()
            process.wait()
            assert len({event["message"][:60] for event in events(site.logs()) if said in event["message"]}) == 1
            assert "hush-hush" not in site.logs()
            assert "Traceback" not in site.logs()


def copy_of_the_site(checkout: Path, *, node_modules: bool = True) -> Path:
    checkout.mkdir()
    if node_modules:
        (checkout / "node_modules").symlink_to(ROOT / "node_modules")
    for name in ("avatar_site", "monitoring", "dashboard", "manage.py"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(checkout)], check=True)
    return checkout


@pytest.mark.parametrize("command", ["collectstatic --noinput -v 0", "start_avatar_web_server --port 1"])
def test_a_missing_npm_ci_is_one_line_that_says_so(tmp_path, command):
    checkout = copy_of_the_site(tmp_path / "checkout", node_modules=False)
    done = subprocess.run(
        [sys.executable, "manage.py", *command.replace("--port 1", f"--port {free_port()}").split()],
        cwd=checkout,
        env=Site(tmp_path).environment,
        capture_output=True,
        text=True,
    )
    missing = checkout / "node_modules" / "uplot" / "dist"
    assert done.stderr == f"Configuration error: {missing} is missing: run `npm ci` in {checkout}\n"


READ_ONLY = """
mount --bind {root} {root} && mount -o remount,ro,bind {root} && {python} manage.py {command}
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a folder read-only")
@pytest.mark.parametrize(
    ("command", "data", "said"),
    [
        ("migrate -v 0", "", "AVATAR_DATA_DIR={root}/var: cannot be used (Read-only file system)"),
        ("collectstatic --noinput -v 0", "elsewhere", "{root}/staticfiles: cannot be used (Read-only file system)"),
    ],
)
def test_a_read_only_checkout_is_one_line(tmp_path, command, data, said):
    checkout = copy_of_the_site(tmp_path / "checkout")
    site = Site(tmp_path, PYTHONDONTWRITEBYTECODE="1", AVATAR_DATA_DIR=str(tmp_path / data) if data else "")
    script = READ_ONLY.format(root=checkout, python=sys.executable, command=command)
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script], cwd=checkout, env=site.environment, capture_output=True, text=True
    )
    if "Operation not permitted" in done.stderr:
        pytest.skip("this machine has no mount namespaces")
    assert done.stderr == f"Configuration error: {said.format(root=checkout)}\n"
