"""Two small projects of other people on one Redis, and the history that they keep without Celery."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.sync.client import connect

from avatar_site.supervisor.embedded_valkey import EmbeddedValkey
from monitoring import redis_connections
from monitoring.journal import stream
from tests.monitoring.batches import MINUTE, batch, sample
from tests.site import Site, eventually, receive, running_site

APPLICATION = "tests.integration.small_host_asgi:application"
STORED = (
    "from monitoring.models import Minute; print(*set(Minute.objects.of_each_node().values_list('node', flat=True)))"
)
CLIENTS = (
    "from monitoring.models import ClientSession; print(*ClientSession.objects.values_list('client_id', flat=True))"
)
MESSAGES = """
from monitoring.models import Minute
print(sum(Minute.objects.of_each_node().values_list("messages", flat=True)))
"""
OPENED = """
import tests.integration.small_host_asgi
from django.db import connection
print(connection.connection)
"""
NAME = "from monitoring import site; print(site.name())"
BACKLOG = 2_000
CLOSED = "from monitoring.models import ClientSession; print(ClientSession.objects.closed().count())"
QUICK_LOOP = """
import django
django.setup()
from monitoring import store_loop
from monitoring.storage import timetable
store_loop.RETRY_SECONDS = 0.2
store_loop.TIMES = dict.fromkeys(timetable.TIMES, type("Often", (), {"next_after": lambda self, now: now + 0.2})())
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "store_history", "--loop"])
"""
"""The command, a few times a second."""


def variables(directory: Path, node: str, redis_url: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "tests.integration.small_host",
        "HOST_DATABASE": str(directory / "db.sqlite3"),
        "HOST_REDIS": redis_url,
        "AVATAR_NODE_NAME": node,
        "AVATAR_KEEP_MINUTES": "forever",
    }


@pytest.fixture(scope="module")
def migrated(tmp_path_factory) -> Path:
    """A migrated database that nobody has asked for the site's name yet; copying it saves seconds."""
    directory = tmp_path_factory.mktemp("migrated")
    with running_site(directory, **variables(directory, "none", "redis://127.0.0.1:1/0")) as host:
        host.manage("migrate", "-v", "0")
    return directory / "db.sqlite3"


@pytest.fixture(
    params=[
        pytest.param(0, id="one database number"),
        pytest.param(1, id="two database numbers"),
    ]
)
def hosts(request, tmp_path: Path, valkey, migrated) -> Iterator[tuple[Site, Site]]:
    with ExitStack() as stack:
        found = []
        for node, number in (("a", 0), ("b", request.param)):
            directory = tmp_path / node
            directory.mkdir()
            settings = variables(directory, node, f"unix://{valkey.socket}?db={number}")
            host = stack.enter_context(running_site(directory, **settings))
            shutil.copy(migrated, directory)
            host.daphne(application=APPLICATION)
            found.append(host)
        yield tuple(found)


@pytest.mark.deployment
def test_two_hosts_share_no_clients_nodes_or_minutes_and_need_no_name_for_it(hosts):
    one, other = hosts
    with (
        connect(f"ws://127.0.0.1:{one.port}/?client_id=ada"),
        connect(f"ws://127.0.0.1:{other.port}/?client_id=bob"),
        connect(f"ws://127.0.0.1:{one.port}/watch/") as watcher,
        connect(f"ws://127.0.0.1:{other.port}/watch/") as other_watcher,
    ):
        for _ in range(7):
            frame = receive(watcher, "metrics")
            assert ([row["client_id"] for row in frame["clients"]], len(frame["nodes"])) == (["ada"], 1), one.logs()
        assert [row["client_id"] for row in receive(other_watcher, "metrics")["clients"]] == ["bob"]
    for host, node, client in ((one, "a", "ada"), (other, "b", "bob")):
        assert eventually(lambda host=host: stored(host, CLIENTS), seconds=20, what=host.logs) == client
        assert stored(host, STORED) == node


@pytest.mark.deployment
def test_neither_an_import_nor_an_event_loop_asks_the_database_for_the_sites_name(
    host, migrated, valkey: EmbeddedValkey
):
    opened = host.shell(OPENED)
    assert opened == "None"
    shutil.copy(migrated, host.directory)
    host.daphne(application=APPLICATION)
    with (
        redis_connections.connect(f"unix://{valkey.socket}?db=0", seconds=10) as redis,
        connect(f"ws://127.0.0.1:{host.port}/"),
    ):
        eventually(lambda: list(redis.scan_iter("avatar:*:journal")), seconds=20, what=host.logs)
    assert "SynchronousOnlyOperation" not in host.logs()


def stored(host: Site, what: str) -> str:
    host.manage("store_history", "-v", "0")
    return host.shell(what)


@pytest.fixture
def host(tmp_path: Path, valkey) -> Iterator[Site]:
    with running_site(tmp_path, **variables(tmp_path, "a", f"unix://{valkey.socket}?db=0")) as host:
        yield host


def test_a_loop_survives_without_database_and_redis_and_ends_at_a_signal(host, valkey: EmbeddedValkey):
    """The database has no tables yet, then Redis goes away; each makes one line, and so does its return."""
    loop = host.spawn("-c", QUICK_LOOP)
    eventually(lambda: "migrate" in host.logs(), seconds=30, what=host.logs)
    host.manage("migrate", "-v", "0")
    eventually(lambda: "the database failed for" in host.logs(), seconds=30, what=host.logs)
    valkey.stop()
    eventually(lambda: "Redis cannot be used" in host.logs(), seconds=30, what=host.logs)
    valkey.start()
    eventually(lambda: "Redis failed for" in host.logs(), seconds=30, what=host.logs)
    loop.send_signal(signal.SIGTERM)
    assert loop.wait(10) == 0, host.logs()
    lines = host.logs().splitlines()
    assert sum("History is" in line for line in lines) == 4, host.logs()
    assert lines[-1] == "ended"
    assert "Traceback" not in host.logs()


@pytest.mark.deployment
def test_a_loop_ends_between_two_transactions_of_a_long_backlog(host, migrated, valkey: EmbeddedValkey):
    shutil.copy(migrated, host.directory)
    keys = stream.keys_of(host.shell(NAME))
    with redis_connections.connect(f"unix://{valkey.socket}?db=0", seconds=10) as redis:
        for number in range(BACKLOG):
            one = batch(sample(MINUTE + number * 60, messages=1), seq=number + 1)
            redis.xadd(keys.stream, {stream.FIELD: stream.pack(one)})
    loop = host.spawn("manage.py", "store_history", "--loop")
    eventually(lambda: host.shell(MESSAGES) != "0", seconds=60, what=host.logs)
    loop.send_signal(signal.SIGTERM)
    assert loop.wait(30) == 0, host.logs()
    assert host.logs().splitlines()[-1] == "ended"
    host.manage("store_history", "-v", "0")
    assert host.shell(MESSAGES) == str(BACKLOG)


def test_a_loop_ends_at_ctrl_c_while_it_waits(host, migrated):
    shutil.copy(migrated, host.directory)
    loop = host.spawn("manage.py", "store_history", "--loop")
    eventually(lambda: "storing the history every minute" in host.logs(), seconds=30, what=host.logs)
    loop.send_signal(signal.SIGINT)
    assert loop.wait(10) == 0, host.logs()
    assert host.logs().splitlines()[-1] == "ended"


def test_several_loops_at_once_store_everything_once(host, migrated):
    shutil.copy(migrated, host.directory)
    host.daphne(application=APPLICATION)
    loops = [host.spawn("-c", QUICK_LOOP) for _ in range(2)]
    with connect(f"ws://127.0.0.1:{host.port}/?client_id=ada") as client:
        for number in range(100):
            client.send(str(number))
            client.recv()
    eventually(lambda: host.shell(CLOSED) == "1", seconds=30, what=host.logs)
    # Before that a signal ends them as it does any Python.
    eventually(lambda: host.logs().count("storing the history every minute") == 2, seconds=30, what=host.logs)
    for loop in loops:
        loop.send_signal(signal.SIGTERM)
        assert loop.wait(10) == 0, host.logs()
    assert host.shell(MESSAGES) == "100"
    assert "Traceback" not in host.logs()
