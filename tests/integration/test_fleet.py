"""Two daphnes of one site are one fleet."""

import json
from collections.abc import Iterator

import pytest

from tests.site import Site, eventually, free_port, receive, running_site


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("fleet")) as site:
        site.migrate()
        yield site


@pytest.fixture(scope="module")
def ports(site) -> tuple[int, int]:
    """The ports of two daphnes, the first of which owns the embedded Valkey."""
    second = free_port()
    site.daphne()
    site.daphne(second)
    return site.port, second


@pytest.fixture(scope="module")
def cookie(site, ports) -> str:
    return site.sign_in()


def test_a_page_opened_later_shows_the_past_of_all_nodes(site, ports, cookie):
    with site.avatar("client_id=ada", port=ports[0]), site.viewer(cookie, port=ports[1]) as viewer:
        # The first is of its own node only, on which nobody has been yet.
        assert all(sample["server"]["active_connections"] == 0 for sample in receive(viewer, "history")["samples"])
        again = receive(viewer, "history")
        assert again["samples"][-1]["server"]["active_connections"] == 1


def test_every_viewer_sees_the_clients_of_all_nodes(site, ports, cookie):
    with (
        site.avatar("client_id=ada", port=ports[0]),
        site.avatar("client_id=bob", port=ports[1]),
        site.viewer(cookie, port=ports[0]) as first,
        site.viewer(cookie, port=ports[1]) as second,
    ):
        for viewer in (first, second):
            frame = eventually(lambda v=viewer: complete(receive(v, "metrics")))
            assert [row["client_id"] for row in frame["clients"]] == ["ada", "bob"]
            assert len({row["node"] for row in frame["clients"]}) == 2
            assert frame["clients_total"] == frame["server"]["active_connections"] == 2


def complete(frame):
    return frame if len(frame["nodes"]) == 2 and len(frame["clients"]) == 2 else None


def test_avatars_of_a_room_meet_across_nodes(site, ports):
    with site.avatar("client_id=ada&room=hall", port=ports[0]) as ada:
        receive(ada, "welcome")
        ada.send(json.dumps({"type": "pose", "x": 0.25}))
        with (
            site.avatar("client_id=bob&room=hall", port=ports[1]) as bob,
            site.avatar("client_id=eve&room=attic", port=ports[1]) as eve,
        ):
            assert receive(bob, "joined")["client_id"] == "ada"
            assert receive(bob, "pose") == {"type": "pose", "client_id": "ada", "x": 0.25}
            assert receive(ada, "joined")["client_id"] == "bob"
            bob.send(json.dumps({"type": "say", "text": "Hello", "client_id": "ada"}))
            assert receive(ada, "say") == {"type": "say", "text": "Hello", "client_id": "bob"}
            eve.send(json.dumps({"type": "ping", "t": 1}))
            assert receive(eve, "pong")["t"] == 1
        assert receive(ada, "left")["client_id"] == "bob"
