"""The same clients, asked for the same page: as they are now, and as the past shows them."""

import time
from typing import NamedTuple

import pytest
from django.test import Client

from monitoring.core.client_states import StateLimits
from monitoring.core.metrics import ClientMetrics
from monitoring.core.standing import Standing
from monitoring.core.view import Rows, View, page, select
from monitoring.history import seconds
from monitoring.storage.rows import store_sessions
from tests.monitoring import batches
from tests.monitoring.batches import append, batch

pytestmark = pytest.mark.django_db

ADDRESS, PATH = "192.0.2.7", "/ws/Café/"
NOW = int(time.time()) // 60 * 60


class Avatar(NamedTuple):
    name: str
    node: str
    age: float
    messages: int
    latency_ms: float | None
    fps: float | None
    user: str | None = None
    room: str | None = None


AVATARS = (
    Avatar("Zoe", "web:2", 50.0, 7, 12.5, 60.0, user="émile", room="Low"),
    Avatar("ann", "web:1", 40.0, 7, None, None),
    Avatar("Hanna", "web:1", 30.0, 9, 80.0, 0.0, user="Kim"),
    Avatar("bob_1", "web:1", 20.0, 7, 3.0, 30.0, user="jo", room="hut"),
    Avatar("bob%1", "web:2", 10.0, 0, None, 30.0),
)
"""In the order in which they connected."""

LIVE_ONLY = {"last_message_time", "state", "verdict", "browser", "messages_per_second", "latency_ms", "jitter_ms"}


@pytest.fixture(autouse=True)
def new_process(monkeypatch):
    monkeypatch.setattr(seconds, "_readers", {})


def record(avatar: Avatar):
    """The session of an avatar that has left since, so that all of it is known."""
    values = {"messages": avatar.messages, "bytes_received": avatar.messages * 10, "bytes_sent": 5}
    known = {"latency_average_ms": avatar.latency_ms, "latency_p95_ms": avatar.latency_ms, "fps_average": avatar.fps}
    known |= {"user": avatar.user, "room": avatar.room}
    session = batches.session(avatar.name, disconnected_at=float(NOW + 1), **values, **known)
    session.client_id, session.connected_at = avatar.name, NOW - avatar.age
    session.remote, session.path = ADDRESS, PATH
    return session


@pytest.fixture
def in_the_past(viewer: Client, redis):
    """Asks for a page of the past; some of the sessions are stored, and some wait in the journal."""
    sent = [batch(node=one.node, boot=one.node, sessions=[record(one)], seq=at) for at, one in enumerate(AVATARS, 1)]
    store_sessions(sent[::2])
    append(redis, *sent[1::2])

    def ask(**view) -> tuple[int, list[str]]:
        answer = viewer.get("/live/past/moment/", {"at": NOW, **view}).json()
        return answer["clients_matched"], [row["client_id"] for row in answer["clients"]]

    return ask


def client_of(avatar: Avatar) -> ClientMetrics:
    names = {"user": avatar.user, "room": avatar.room, "remote": ADDRESS, "path": PATH}
    received = avatar.messages * 10
    client = ClientMetrics(avatar.name, NOW - avatar.age, avatar.messages, 5, received, fps=avatar.fps, **names)
    if avatar.latency_ms is not None:
        client.latency_samples.append(avatar.latency_ms)
    return client


def live(**view) -> tuple[int, list[str]]:
    """A page of the present, cut from the rows of two nodes."""
    asked = View(**view)
    nodes = {avatar.node: {} for avatar in AVATARS}
    for avatar in AVATARS:
        nodes[avatar.node][avatar.name] = client_of(avatar)
    shown = page([selected(clients, asked, node) for node, clients in nodes.items()], asked)
    return shown.matched, [row["client_id"] for row in shown.rows]


def selected(clients: dict[str, ClientMetrics], asked: View, node: str) -> Rows:
    standing = Standing()
    standing.turn(clients, {asked.key}, StateLimits(), NOW, seq=1)
    return select(clients, asked, NOW, node, standing=standing)


SORTED = {
    "client_id": ["Hanna", "Zoe", "ann", "bob%1", "bob_1"],
    "connected_at": ["Zoe", "ann", "Hanna", "bob_1", "bob%1"],
    "connection_duration": ["bob%1", "bob_1", "Hanna", "ann", "Zoe"],
    "message_count": ["bob%1", "ann", "bob_1", "Zoe", "Hanna"],
    "-message_count": ["Hanna", "ann", "bob_1", "Zoe", "bob%1"],
    "bytes_received": ["bob%1", "ann", "bob_1", "Zoe", "Hanna"],
    "bytes_sent": ["ann", "Hanna", "bob_1", "Zoe", "bob%1"],
    "average_latency_ms": ["bob_1", "Zoe", "Hanna", "ann", "bob%1"],
    "-average_latency_ms": ["Hanna", "Zoe", "bob_1", "ann", "bob%1"],
    "p95_latency_ms": ["bob_1", "Zoe", "Hanna", "ann", "bob%1"],
    "user": ["bob_1", "Hanna", "Zoe", "ann", "bob%1"],
    "-room": ["Zoe", "bob_1", "ann", "Hanna", "bob%1"],
    "fps": ["Hanna", "bob_1", "bob%1", "Zoe", "ann"],
    "-fps": ["Zoe", "bob_1", "bob%1", "Hanna", "ann"],
    "node": ["ann", "Hanna", "bob_1", "Zoe", "bob%1"],
    "-node": ["Zoe", "bob%1", "ann", "Hanna", "bob_1"],
}
PAGES = [
    *(({"sort": sort}, 5, names) for sort, names in SORTED.items()),
    *(({"sort": "-fps", "offset": at, "limit": 2}, 5, SORTED["-fps"][at : at + 2]) for at in (0, 2, 4, 6)),
    ({"search": "AN"}, 2, ["Hanna", "ann"]),
    ({"search": "z"}, 1, ["Zoe"]),
    ({"search": "%"}, 1, ["bob%1"]),
    ({"search": "b_"}, 1, ["bob_1"]),
    ({"search": "b", "sort": "-message_count", "offset": 1, "limit": 1}, 2, ["bob%1"]),
    ({"search": "nobody"}, 0, []),
    ({"search": "web:1"}, 0, []),
    ({"search": "KIM"}, 1, ["Hanna"]),
    ({"search": "192.0.2"}, 5, SORTED["client_id"]),
    ({"search": "CAFÉ"}, 5, SORTED["client_id"]),
    ({"search": "127.0.0.1"}, 0, []),
]


@pytest.mark.parametrize(("view", "matched", "names"), PAGES)
def test_a_page_is_the_same_now_and_in_the_past(in_the_past, view, matched, names):
    assert live(**view) == (matched, names)
    assert in_the_past(**view) == (matched, names)


def test_the_pages_above_sort_by_every_key_that_both_know():
    assert {sort.removeprefix("-") for sort in SORTED} == set(View.SORTS) - LIVE_ONLY


@pytest.mark.parametrize(
    "view",
    [{"sort": "shoe_size"}, {"search": "x" * 65}, {"search": "a\0"}, {"offset": -1}, {"offset": 100_001},
     {"limit": 0}, {"limit": 101}],
)  # fmt: skip
def test_what_is_refused_now_is_refused_in_the_past(viewer: Client, view):
    (name,) = view
    with pytest.raises(ValueError, match=f"^{name}="):
        View(**view)
    response = viewer.get("/live/past/moment/", {"at": NOW, **view})
    assert response.status_code == 400
    assert response.json()["error"].startswith(f"{name}=")
