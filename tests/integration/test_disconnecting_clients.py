"""A daphne and a uvicorn of one site: people disconnect clients on either, and see totals of what is still open."""

import json
import re
import urllib.request
from collections.abc import Iterator
from urllib.error import HTTPError

import pytest

from tests.site import APPLICATION, Site, close_code, eventually, free_port, receive, running_site

UNKNOWN_CLIENT = "somebody"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("disconnecting")) as site:
        site.migrate()
        yield site


@pytest.fixture(scope="module")
def ports(site) -> tuple[int, int]:
    """daphne's, which owns the embedded Valkey, and uvicorn's."""
    second = free_port()
    site.daphne()
    site.server("-m", "uvicorn", "--port", str(second), APPLICATION, port=second)
    return site.port, second


@pytest.fixture(scope="module")
def cookie(site, ports) -> str:
    return site.sign_in()


def ask(port: int, path: str, cookie: str, content: object | None = None) -> str:
    token = re.search(r"avatar_csrf_\w+=(\w+)", cookie)
    headers = {"Cookie": cookie, "X-CSRFToken": token[1] if token else "", "Content-Type": "application/json"}
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers)
    try:
        return urllib.request.urlopen(request, timeout=10).read().decode()
    except HTTPError as error:
        error.msg = f"{error.msg}: {error.read()[:500]!r}"
        raise


def store(site: Site) -> None:
    site.shell("from django.core.management import call_command; call_command('store_history', verbosity=0)")


def disconnect(port: int, cookie: str, *clients: str, reason: str = "") -> list[str]:
    """The outcome of each client."""
    content = {"clients": [{"client_id": client} for client in clients], "reason": reason}
    answer = json.loads(ask(port, "/sessions/disconnect/", cookie, content))
    return [one["outcome"] for one in answer["outcomes"]]


@pytest.mark.parametrize(("of_client", "of_page"), [(0, 1), (1, 0)], ids=["on daphne", "on uvicorn"])
def test_a_client_is_disconnected_by_whoever_is_on_another_node(site, ports, cookie, of_client, of_page):
    with (
        site.avatar(f"client_id=ada{of_client}", port=ports[of_client]) as ada,
        site.avatar("client_id=bob", port=ports[of_client]) as bob,
    ):
        receive(ada, "welcome")
        receive(bob, "welcome")
        # The second one has left before its turn comes.
        told = disconnect(ports[of_page], cookie, f"ada{of_client}", UNKNOWN_CLIENT, reason="too loud")
        assert told == ["disconnected", "not connected"]
        assert close_code(ada) == 4411
        bob.send('{"type":"ping","t":1}')
        assert receive(bob, "pong")["t"] == 1
        assert disconnect(ports[of_page], cookie, f"ada{of_client}") == ["not connected"]
    row = site.shell(
        "from monitoring.models import Disconnection as D; "
        f"print(D.objects.filter(client_id='ada{of_client}').order_by('pk').values_list("
        "'by', 'reason', 'outcome').first())"
    )
    assert row == "('admin', 'too loud', 'disconnected')"
    assert "admin disconnected client" in site.logs()
    # Nothing of this reached the application.
    assert "Traceback" not in site.logs()


def test_the_session_says_that_an_operator_ended_it(site, ports, cookie):
    def ending() -> str:
        store(site)
        return site.shell(
            "from monitoring.models import ClientSession as S; "
            "print(S.objects.filter(client_id='eve').values_list('close_code', 'ended').first())"
        )

    with site.avatar("client_id=eve", port=ports[1]) as eve:
        receive(eve, "welcome")
        assert disconnect(ports[0], cookie, "eve") == ["disconnected"]
        assert close_code(eve) == 4411
    eventually(lambda: ending() == "(4411, 'disconnected by an operator')", what=ending)


def test_open_sessions_show_their_totals_so_far(site, ports, cookie):
    with (
        site.avatar("client_id=kay", port=ports[0]) as kay,
        site.avatar("client_id=lou", port=ports[1]) as lou,
    ):
        for number in range(3):
            for avatar in (kay, lou):
                avatar.send(json.dumps({"type": "ping", "t": number}))
                receive(avatar, "pong")

        def counted(port: int) -> list[str]:
            store(site)
            page = ask(port, "/sessions/?open=yes&client=kay&client=lou", cookie)
            return re.findall(r'data-label="Messages" class="num">(.+?)</td>', page)

        eventually(lambda: counted(ports[0]) == ["3", "3"], what=lambda: counted(ports[0]))
        assert counted(ports[1]) == ["3", "3"]
        assert 'as of <time datetime="' in ask(ports[0], "/clients/kay/", cookie)
