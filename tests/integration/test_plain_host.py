"""A host's own sockets, and the viewers' beside them, with the database and Redis behind."""

import json
import signal
from contextlib import contextmanager

import pytest
from websockets.sync.client import connect

from tests.site import Site, close_code, eventually, receive

APPLICATION = "tests.integration.plain_host:application"
DAPHNE = ("daphne", "-p", "PORT")
UVICORN = ("uvicorn", "--port", "PORT")
GRANIAN = ("granian", "--interface", "asgi", "--port", "PORT")
NO_LIFESPAN = (*UVICORN, "--lifespan", "off")


def started(site: Site, *command: str):
    return site.server("-m", *(text.replace("PORT", str(site.port)) for text in command), APPLICATION)


@contextmanager
def echo(site: Site, client_id: str, prefix: str = ""):
    url = f"ws://127.0.0.1:{site.port}{prefix}/ws/echo/?token=1&client_id={client_id}"
    with connect(url, compression=None, max_size=None) as client:
        client.send("hello")
        assert client.recv(timeout=10) == "hello"
        yield client


@pytest.mark.parametrize(
    ("command", "code", "known"),
    [
        pytest.param(DAPHNE, None, [None, "server stopped"], id="daphne"),
        pytest.param(UVICORN, 1012, [1012, "server stopped"], id="uvicorn"),
        pytest.param(
            NO_LIFESPAN, 1012, [1012, "server stopped"], id="uvicorn without lifespan", marks=pytest.mark.deployment
        ),
    ],
)
def test_sessions_that_are_open_at_a_stop_are_stored_and_the_client_sees_what_the_server_does(
    shared, command, code, known
):
    process = started(shared, *command)
    with echo(shared, "stays") as client:
        process.send_signal(signal.SIGTERM)
        assert close_code(client, seconds=10) == code
    process.wait(15)
    shared.shell("from monitoring.tasks import store_snapshots; store_snapshots()")
    told = shared.shell(
        "import json; from monitoring.models import ClientSession; "
        "print(json.dumps([[row.client_id, row.messages, row.close_code, row.ended]"
        " for row in ClientSession.objects.all()]))"
    )
    assert json.loads(told) == [["stays", 1, *known]]


@pytest.mark.parametrize(
    ("command", "prefix"),
    [
        pytest.param(DAPHNE, "", id="daphne", marks=pytest.mark.deployment),
        pytest.param(UVICORN, "", id="uvicorn"),
        pytest.param((*DAPHNE, "--root-path", "/app"), "/app", id="daphne below a root path"),
        # uvicorn puts it before the path by itself.
        pytest.param(
            (*UVICORN, "--root-path", "/app"), "", id="uvicorn below a root path", marks=pytest.mark.deployment
        ),
    ],
)
def test_viewers_are_served_outside_the_hosts_middleware_and_are_no_clients(shared, command, prefix):
    started(shared, *command)
    with viewer_of(shared, signed_in(shared), prefix) as viewer, echo(shared, "ada", prefix):
        assert json.loads(viewer.recv())["type"] == "history"
        frame = eventually(lambda: (found := receive(viewer, "metrics"))["clients"] and found)
        assert [row["client_id"] for row in frame["clients"]] == ["ada"]
        assert frame["server"]["viewers"] == 1
    with viewer_of(shared, "", prefix) as stranger:
        assert close_code(stranger) == 4401


def signed_in(site: Site) -> str:
    """The Cookie header of the administrator, without the pages, which a proxy would have to serve."""
    key = site.shell(
        "from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY\n"
        "from django.contrib.auth.models import User\n"
        "from django.conf import settings\n"
        "from importlib import import_module\n"
        "user = User.objects.get(username='admin')\n"
        "store = import_module(settings.SESSION_ENGINE).SessionStore()\n"
        "store.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1],"
        " HASH_SESSION_KEY: user.get_session_auth_hash()})\n"
        "store.create()\n"
        "print(settings.SESSION_COOKIE_NAME + '=' + store.session_key)"
    )
    return key.splitlines()[-1]


def viewer_of(site: Site, cookie: str, prefix: str):
    url = f"ws://127.0.0.1:{site.port}{prefix}/ws/metrics/"
    return connect(url, additional_headers={"Cookie": cookie}, max_size=None, max_queue=None)


@pytest.mark.adoption
def test_where_a_server_reports_no_pongs_clients_may_be_asked_by_a_message(shared):
    started(shared, *GRANIAN)
    cookie = shared.sign_in()
    with shared.viewer(cookie) as viewer, echo(shared, "ada") as client:
        asked = json.loads(client.recv(timeout=10))
        assert asked["type"] == "ping"
        client.send(json.dumps({"type": "pong", "id": asked["id"]}))
        client.send("more")
        assert client.recv(timeout=10) == "more"

        def row() -> dict:
            return next((row for row in receive(viewer, "metrics")["clients"]), {})

        measured = eventually(lambda: (found := row()).get("average_latency_ms") and found)
        assert measured["message_count"] == 2
        assert receive(viewer, "metrics")["server"]["round_trips"] == "messages"
