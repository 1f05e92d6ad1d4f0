"""Two sites on one Redis do not affect each other, whatever database numbers they use."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import ClientConnection

from tests.site import Site, eventually, receive, running_site

CELERY = ("-m", "celery", "--quiet", "--app", "avatar_site.celery")
WORKER = ("worker", "--pool=solo", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=INFO")
STORE = "from avatar_site.celery import app; app.send_task('avatar_monitoring.store_snapshots')"
STORED = "from monitoring.models import ClientSession; print(*ClientSession.objects.values_list('node', flat=True))"


@pytest.fixture(
    params=[
        pytest.param(0, id="one database number"),
        pytest.param(1, id="two database numbers", marks=pytest.mark.deployment),
    ]
)
def sites(request, tmp_path: Path, valkey) -> Iterator[tuple[Site, Site]]:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    with (
        running_site(tmp_path / "one", AVATAR_NODE_NAME="a", REDIS_URL=f"unix://{valkey.socket}?db=0") as one,
        running_site(
            tmp_path / "other", AVATAR_NODE_NAME="b", REDIS_URL=f"unix://{valkey.socket}?db={request.param}"
        ) as other,
    ):
        for site in (one, other):
            site.migrate()
            site.daphne()
        yield one, other


def test_two_sites_share_no_clients_rooms_names_or_minutes(sites):
    one, other = sites
    cookie = one.sign_in()
    with one.avatar("client_id=ada&room=hall") as ada, other.avatar("client_id=ada&room=hall") as namesake:
        for avatar in (ada, namesake):
            receive(avatar, "welcome")
            avatar.send(json.dumps({"type": "say", "text": "Hello"}))
        with one.viewer(cookie) as viewer:
            seconds = [receive(viewer, "metrics") for _ in range(7)]
        assert [(frame["clients_total"], len(frame["nodes"])) for frame in seconds] == [(1, 1)] * 7, one.logs()
        for avatar in (ada, namesake):
            assert {"joined", "say"}.isdisjoint(told(avatar))
    other.spawn(*CELERY, *WORKER)
    one.shell(STORE)
    other.shell(STORE)
    assert eventually(lambda: stored_nodes(other), seconds=30, what=other.logs()) == ["b"]
    # The second site's worker has done its own work, and not the first one's.
    assert stored_nodes(one) == []
    one.spawn(*CELERY, *WORKER)
    assert eventually(lambda: stored_nodes(one), seconds=30, what=one.logs()) == ["a"]


def stored_nodes(site: Site) -> list[str]:
    return site.shell(STORED).split()


def told(avatar: ClientConnection) -> list[str]:
    """The types of all messages up to the answer to a ping."""
    avatar.send(json.dumps({"type": "ping", "t": 1}))
    kinds: list[str] = []
    while "pong" not in kinds:
        kinds.append(json.loads(avatar.recv(timeout=5))["type"])
    return kinds


@pytest.mark.deployment
def test_without_its_database_a_server_serves_and_keeps_its_history(tmp_path, valkey):
    with running_site(tmp_path, AVATAR_NODE_NAME="a", REDIS_URL=f"unix://{valkey.socket}?db=0") as site:
        site.spawn(*CELERY, *WORKER)
        site.daphne()
        with site.avatar("client_id=ada") as avatar:
            assert "pong" in told(avatar)
        eventually(lambda: list((tmp_path / "data" / "spill").glob("*.spill")), seconds=20, what=site.logs())
        eventually(lambda: "Waiting for the database" in site.logs(), seconds=20, what=site.logs())
        site.migrate()
        eventually(lambda: not list((tmp_path / "data" / "spill").glob("*.spill")), seconds=20, what=site.logs())
        site.shell(STORE)
        assert eventually(lambda: stored_nodes(site), seconds=30, what=site.logs()) == ["a"]
