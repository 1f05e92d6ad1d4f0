"""The start command, run as an operator runs it: real processes, with their own data directory and port."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
import pytest
import redis
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from websockets.sync.client import connect

from avatar_site.supervisor.embedded_valkey import EmbeddedValkey
from tests.pids import lives
from tests.site import ROOT, Site, eventually, free_port, needs_ipv6, receive, running_site

TOKEN = "a-token-of-24-characters"
COMMAND = ("manage.py", "start_avatar_web_server")


class Started:
    """The command in its own process, and what it prints."""

    def __init__(self, site: Site, *options: str, command: Sequence[str] = COMMAND) -> None:
        self.site = site
        self.process = site.spawn(*command, "--port", str(site.port), *options)

    def output(self) -> str:
        return self.site.logs()

    def wait_for(self, pattern: str) -> re.Match[str]:
        return eventually(lambda: re.search(pattern, self.output(), re.MULTILINE), seconds=60, what=pattern)

    def runs(self) -> "Started":
        self.wait_for("The avatar site runs at")
        return self

    def pids(self) -> dict[str, int]:
        """From the table that it printed at the start."""
        rows = re.findall(r": (\S+)\s+(\d+)\s+ready after [\d.]+ s$", self.output(), re.MULTILINE)
        return {name: int(pid) for name, pid in rows}

    def family(self) -> list[int]:
        return [process.pid for process in psutil.Process(self.process.pid).children(recursive=True)]


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("site")) as site:
        yield Started(site, "--workers", "2", "--metrics-interval", "0.5", "--demo", "3").runs()


@pytest.fixture
def valkey_url(tmp_path):
    valkey = EmbeddedValkey(tmp_path / "redis")
    valkey.ensure()
    yield f"unix://{valkey.socket}"
    valkey.stop()


def test_it_shows_every_process_with_its_health(started):
    assert list(started.pids()) == ["valkey", "web-1", "web-2", "worker", "beat", "demo"]
    assert set(started.pids().values()) <= set(started.family())


def test_it_serves_at_the_address_that_it_prints(started):
    address = started.wait_for(r"The avatar site runs at (\S+)").group(1)
    assert urllib.request.urlopen(f"{address}healthz").status == 200


def test_the_first_start_creates_an_administrator_who_can_sign_in(started):
    assert started.output().count("password  ") == 1
    password = started.wait_for(r"password  (\S+)").group(1)
    assert "avatar_session_" in started.site.sign_in(password)


def test_the_interval_reaches_the_servers(started):
    with started.site.avatar("client_id=ada") as avatar:
        assert receive(avatar, "welcome")["metrics_interval"] == 0.5


def test_the_demo_avatars_are_connected(started):
    with started.site.avatar("client_id=bob") as avatar:
        assert receive(avatar, "pose")["client_id"].startswith("sim-000")


def test_both_servers_share_the_port(started):
    def servers():
        return {urllib.request.urlopen(f"{started.site.url}/healthz").headers["Server"] for _ in range(20)}

    assert eventually(lambda: servers() == {"web-1", "web-2"})


def test_the_embedded_valkey_keeps_its_files_in_the_data_directory(started):
    assert (started.site.directory / "data" / "valkey" / "appendonlydir").is_dir()


def test_beat_keeps_no_file(started):
    assert not list((started.site.directory / "data").glob("celerybeat*"))
    assert not list(Path(ROOT).glob("celerybeat*"))


def test_a_killed_process_is_restarted_and_the_others_keep_running(started):
    before = started.pids()
    os.kill(before["worker"], signal.SIGKILL)
    started.wait_for(r": worker was killed \(SIGKILL\), restart in 1 s$")
    started.wait_for(r": worker started again, pid \d+$")
    assert all(lives(pid) for name, pid in before.items() if name != "worker")


def test_a_second_start_on_the_port_says_so_and_leaves_the_first_alone(started):
    done = subprocess.run(
        [sys.executable, "manage.py", "start_avatar_web_server", "--port", str(started.site.port)],
        env=started.site.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"Configuration error: --host=127.0.0.1 --port={started.site.port}: cannot be used (Address already in use)"
    ]
    assert started.process.poll() is None


def test_sigterm_stops_all_within_five_seconds(started):
    with started.site.avatar("client_id=eve") as avatar:
        moving: set[str] = set()
        while len(moving) < 3:
            moving.add(receive(avatar, "pose")["client_id"])
    family = started.family()
    started.process.terminate()
    assert started.process.wait(20) == 0
    # By its own clock: on a busy machine the interpreter takes long to exit.
    assert float(started.wait_for(r": Stopped in ([\d.]+) s\.$").group(1)) < 5
    assert not any(map(lives, family))
    assert "does not stop" not in started.output()
    assert re.search(r" demo\[\d+\]: 3 avatars sent [1-9]\d* messages", started.output(), re.MULTILINE)


LINE = re.compile(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z (?:INFO|WARNING|ERROR|CRITICAL) [\w-]+\[\d+\][^:]*: .*|    .*")


def test_every_line_has_the_time_the_level_and_the_process(started):
    assert [line for line in started.output().splitlines() if not LINE.fullmatch(line)] == []


@pytest.mark.parametrize(
    "options",
    [
        pytest.param([], id="monitoring"),
        pytest.param(["--no-monitoring"], id="no monitoring", marks=pytest.mark.deployment),
    ],
)
def test_it_stops_at_once_while_many_ask_on_connections_that_they_keep(tmp_path, options):
    with running_site(tmp_path, AVATAR_API_TOKENS=TOKEN) as site:
        site.migrate()
        started = Started(site, *options).runs()
        with polled(site, "/api/current", "/readyz", "/login/") as answered:
            eventually(lambda: len(answered) > 40, seconds=60)
            started.process.terminate()
            assert started.process.wait(20) == 0
        # By its own clock: on a busy machine the interpreter takes long to exit.
        assert float(started.wait_for(r": Stopped in ([\d.]+) s\.$").group(1)) < 5
        assert "does not stop" not in started.output()
        assert "Traceback" not in started.output()


@contextmanager
def polled(site: Site, *paths: str) -> Iterator[list[int]]:
    """Four clients per path that send requests again and again until the end; the statuses of the answers so far."""
    answered: list[int] = []
    over = threading.Event()

    def poll(path: str) -> None:
        while not over.wait(0.01):
            connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
            with closing(connection), suppress(OSError, http.client.HTTPException):
                while not over.is_set():
                    connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
                    response = connection.getresponse()
                    response.read()
                    answered.append(response.status)

    with ThreadPoolExecutor(4 * len(paths)) as clients:
        for path in paths * 4:
            clients.submit(poll, path)
        try:
            yield answered
        finally:
            over.set()


IMPATIENT = """
import sys
from django.core.management import execute_from_command_line
from avatar_site.supervisor import child, supervisor
child.SILENT_SECONDS, supervisor.LOOK_SECONDS = 10, 1
execute_from_command_line(["manage.py", "start_avatar_web_server", *sys.argv[1:]])
"""


@pytest.mark.deployment
def test_a_hanging_server_is_restarted_and_the_other_keeps_serving(tmp_path):
    with running_site(tmp_path) as site:
        site.migrate()
        started = Started(site, "--workers", "2", "--no-worker", command=("-c", IMPATIENT)).runs()
        before = started.pids()
        os.kill(before["web-1"], signal.SIGSTOP)
        started.wait_for(r": web-1 hangs: not heard for \d+ s: ending it$")
        started.wait_for(r": web-1 was killed \(SIGKILL\), restart in 1 s$")
        started.wait_for(r": web-1 started again, pid \d+$")
        assert urllib.request.urlopen(f"{site.url}/healthz").status == 200
        assert all(lives(pid) for name, pid in before.items() if name != "web-1")


@needs_ipv6
@pytest.mark.deployment
@pytest.mark.parametrize(("host", "reached_at"), [("::1", ["[::1]"]), ("::", ["[::1]", "127.0.0.1", "localhost"])])
def test_it_serves_ipv6_at_the_address_that_it_prints(tmp_path, host, reached_at):
    with running_site(tmp_path) as site:
        started = Started(site, "--host", host, "--demo", "2", "--no-worker").runs()
        assert started.wait_for(r"The avatar site runs at (\S+)").group(1) == f"http://[::1]:{site.port}/"
        assert f"http://[::1]:{site.port}/" in started.wait_for(r"shown only once\):[^+]*").group(0)
        assert ("so only this machine has access" in started.output()) == (host == "::")
        for address in reached_at:
            site.url = f"http://{address}:{site.port}"
            assert urllib.request.urlopen(f"{site.url}/readyz").status == 200
            # The address's Host and Origin decide whose cookies and forms are the page's own.
            cookie = site.sign_in(started.wait_for(r"password  (\S+)").group(1))
            with connect(
                f"ws://{address}:{site.port}/ws/metrics/",
                additional_headers={"Cookie": cookie, "Origin": site.url},
                max_size=None,
            ) as viewer:
                eventually(lambda viewer=viewer: receive(viewer, "metrics")["clients_total"] == 2)


def serves(site: Site) -> bool:
    with suppress(OSError):
        return urllib.request.urlopen(f"{site.url}/healthz", timeout=5).status == 200
    return False


LEFT_OPEN = """
from datetime import timedelta
from django.utils import timezone
from monitoring.journal import stream
from monitoring.models import Alert, JournalCursor, Node
now = timezone.now()
JournalCursor.objects.create(stream=stream.keys().stream, drained_at=now - timedelta(minutes=1))
Node.objects.create(node="web:1", boot="dead", host="web", first_seen=now, last_seen=now - timedelta(minutes=2))
Alert.objects.create(
    metric="cpu_percent", subject="web", severity="warning", message="High", value=90, threshold=80, peak=90,
    host="web", node="web:1", boot="dead", started_at=now - timedelta(minutes=3),
)
"""


ENDED = "from monitoring.models import Alert; print(Alert.objects.get().ended)"


@pytest.fixture(scope="module")
def unmonitored(tmp_path_factory):
    """The command that watches nothing, on a database in which a killed node left something open."""
    with running_site(tmp_path_factory.mktemp("unmonitored")) as site:
        site.migrate()
        site.shell(LEFT_OPEN)
        yield Started(site, "--no-monitoring").runs()


@pytest.mark.deployment
def test_without_monitoring_there_is_neither_worker_nor_beat(unmonitored):
    assert list(unmonitored.pids()) == ["valkey", "web"]
    unmonitored.wait_for(": Monitoring is off")


def test_without_monitoring_what_a_killed_node_left_open_is_closed(unmonitored):
    eventually(lambda: unmonitored.site.shell(ENDED) == "monitoring off", seconds=20)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_a_kill_leaves_nothing(unmonitored):
    family = unmonitored.family()
    unmonitored.process.kill()
    eventually(lambda: not any(map(lives, family)), seconds=2)


@pytest.mark.deployment
def test_it_serves_and_stops_where_nobody_reads_its_output_nor_its_log(tmp_path):
    with running_site(tmp_path) as site:
        site.migrate()
        site.shell(LEFT_OPEN)
        readable, writable = os.pipe()
        fill(writable)
        command = [sys.executable, *COMMAND, "--no-monitoring", "--port", str(site.port)]
        process = subprocess.Popen(command, cwd=ROOT, env=site.environment, stdout=writable, stderr=writable)
        site.processes.append(process)
        eventually(lambda: serves(site), seconds=60)
        # Of what others left it writes a line of the log as soon as it has stored it.
        eventually(lambda: site.shell(ENDED) == "monitoring off", seconds=60)
        process.terminate()
        assert process.wait(10) == 0
        os.close(readable)
        os.close(writable)


def fill(writable: int) -> None:
    os.set_blocking(writable, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writable, b"." * 4096)
    os.set_blocking(writable, True)


def test_an_unreachable_redis_is_named_without_its_password(tmp_path):
    with running_site(tmp_path, REDIS_URL="redis://me:secret@127.0.0.1:1/0") as site:
        started = Started(site)
        assert started.process.wait(60) == 1
    said = r"Configuration error: REDIS_URL=redis://me:\*\*\*@127.0.0.1:1/0: cannot be used \(.*\): start that .*\n"
    assert re.fullmatch(said, started.output())


@pytest.mark.deployment
def test_a_redis_user_without_the_needed_rights_is_one_line_at_the_start(tmp_path, valkey_url):
    with redis.Redis.from_url(valkey_url) as client:
        client.execute_command("ACL", "SETUSER", "guest", "on", ">secret", "~*", "&*", "+@all", "-info", "-xadd")
    url = valkey_url.replace("unix://", "unix://guest:secret@")
    with running_site(tmp_path, REDIS_URL=url) as site:
        assert Started(site).process.wait(60) == 1
        assert re.fullmatch(
            r"Configuration error: REDIS_URL=unix://guest:\*\*\*@\S+: cannot be used "
            r"\(its user may not run INFO, XADD: ACL SETUSER … \+info \+xadd\)\n",
            site.logs(),
        )


def test_a_redis_of_the_operators_own_is_used_and_one_that_may_delete_history_is_a_line(tmp_path, valkey_url):
    with redis.Redis.from_url(valkey_url) as client:
        client.config_set("maxmemory", "64mb")
        client.config_set("maxmemory-policy", "allkeys-lru")
    with running_site(tmp_path, REDIS_URL=valkey_url) as site:
        site.migrate()
        started = Started(site, "--no-monitoring").runs()
        assert list(started.pids()) == ["web"]
        lines = [line for line in started.output().splitlines() if "maxmemory-policy" in line]
    (line,) = lines
    assert line.endswith(": REDIS_URL: maxmemory-policy allkeys-lru deletes unstored history; set it to noeviction")


@pytest.mark.deployment
@needs_ipv6
def test_redis_and_its_clients_meet_over_ipv6(tmp_path, valkey_url):
    port = free_port()
    with redis.Redis.from_url(valkey_url) as client:
        client.config_set("bind", "::1")
        client.config_set("port", port)
    with running_site(tmp_path, REDIS_URL=f"redis://[::1]:{port}/2") as site:
        started = Started(site).runs()
        assert list(started.pids()) == ["web", "worker", "beat"]
        assert json.loads(urllib.request.urlopen(f"{site.url}/readyz").read())["failed"] == []


@pytest.mark.parametrize(
    ("option", "value"),
    [("port", "0"), ("port", "65536"), ("port", "http"), ("workers", "0"), ("metrics_interval", "x"), ("demo", "-1")],
)
def test_a_bad_option_is_named_with_what_is_allowed(option, value):
    with pytest.raises(ImproperlyConfigured, match=f"--{option.replace('_', '-')}={value}: must be a"):
        call_command("start_avatar_web_server", skip_checks=True, **{option: value})


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_a_host_that_is_not_this_machines_is_named(host):
    with pytest.raises(ImproperlyConfigured, match=rf"^--host={re.escape(host)} --port=8000: cannot be used \(.*\)$"):
        call_command("start_avatar_web_server", skip_checks=True, host=host)


def test_an_unusable_data_directory_is_named(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "file" / "data"
    (tmp_path / "file").write_text("")
    with pytest.raises(ImproperlyConfigured, match=r"AVATAR_DATA_DIR=.* cannot be used"):
        call_command("start_avatar_web_server", skip_checks=True)
