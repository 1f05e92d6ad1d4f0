"""A project names its clients, under a real daphne: seen by viewers, in the database, by the API, pages and admin."""

import json
import re
import urllib.request
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import pytest
from websockets.sync.client import connect

from tests.site import eventually, running_site

ROOM = "김하늘의 방"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("naming"), AVATAR_METRICS_INTERVAL="0.25") as site:
        site.migrate()
        site.shell("from django.contrib.auth.models import User; User.objects.create_user('bob')")
        site.daphne(application="tests.integration.naming_project:application")
        yield site


@pytest.fixture(scope="module")
def cookie(site):
    return site.sign_in()


@contextmanager
def client(site, path: str = "", cookie: str = "", **query: str):
    """A client that has got an answer."""
    url = f"ws://127.0.0.1:{site.port}/ws/{path}?{urlencode(query)}"
    with connect(url, additional_headers={"Cookie": cookie} if cookie else None) as connection:
        connection.send("hello")
        assert connection.recv(timeout=5) == "hello"
        yield connection


def get(site, cookie: str, path: str) -> str:
    request = urllib.request.Request(f"{site.url}{path}", headers={"Cookie": cookie})
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read().decode()


def rows(site, cookie: str, search: str = "") -> dict[str, tuple[str | None, str | None]]:
    """The connected clients that a search finds: their users and rooms by id."""
    found = json.loads(get(site, cookie, f"/api/clients?{urlencode({'search': search})}"))["clients"]
    return {row["client_id"]: (row["user"], row["room"]) for row in found}


def test_people_who_are_signed_in_are_called_by_their_names(site, cookie):
    with client(site, by="session", cookie=cookie), client(site, by="session", cookie=cookie):
        expected = {"admin": ("admin", None), "admin#2": ("admin", None)}
        eventually(lambda: rows(site, cookie, "ADMIN") == expected, what=lambda: str(rows(site, cookie)))
        with client(site, by="session", client_id="anon"):
            eventually(lambda: rows(site, cookie, "anon") == {"anon": (None, None)})


def test_a_plain_function_may_read_the_database(site, cookie):
    for number in range(2):
        with client(site, by="database", name="bob", client_id=f"b{number}"):
            eventually(lambda number=number: rows(site, cookie, "BOB") == {f"b{number}": ("bob", "stored")})
    assert "SynchronousOnlyOperation" not in site.logs()


@pytest.mark.parametrize("by", ["bad", "error"])
def test_what_goes_wrong_costs_the_id_only(site, cookie, by):
    before = set(rows(site, cookie))
    with client(site, by=by, client_id="wanted"):
        (name,) = eventually(lambda: set(rows(site, cookie)) - before - {"b1", "wanted"})
        assert re.fullmatch("[0-9a-f]{12}", name)
    assert "identify" in site.logs()


def test_an_answer_that_never_comes_holds_nobody_up(site, cookie):
    with client(site, by="never", client_id="patient"):
        eventually(lambda: "patient" in rows(site, cookie))


def test_a_consumer_of_threads_names_its_client(site, cookie):
    with client(site, "sync/") as connection:
        eventually(lambda: rows(site, cookie, "threaded") == {"threaded": ("thread", "hello")})
        connection.send("elsewhere")
        connection.recv(timeout=5)
        eventually(lambda: rows(site, cookie, "ELSE") == {"threaded": ("thread", "elsewhere")})


def test_viewers_get_names_where_they_are_known(site, cookie):
    with client(site, by="query", name="ann@example.com"), client(site, client_id="nobody"), site.viewer(cookie) as one:

        def seen() -> dict[str, dict] | None:
            message = json.loads(one.recv(timeout=5))
            found = {row["client_id"]: row for row in message.get("clients", [])}
            return found if {"ann@example.com", "nobody"} <= set(found) else None

        found = eventually(seen)
        assert (found["ann@example.com"]["user"], found["ann@example.com"]["room"]) == ("ann@example.com", ROOM)
        assert not {"user", "room"} & set(found["nobody"])


def test_sessions_are_stored_with_the_names_and_found_by_them(site, cookie):
    with client(site, by="query", name="Ann 안") as first, client(site, by="query", name="Ann 안"):
        first.send("enter garden")
        first.recv(timeout=5)

        def stored() -> list[dict]:
            site.manage("store_history")
            answer = get(site, cookie, f"/api/sessions?{urlencode({'user': 'Ann 안'})}")
            found = json.loads(answer)["sessions"]
            return found if [one["room"] for one in found] == [ROOM, "garden"] else []

        second_row, first_row = eventually(stored, seconds=30)
        assert (first_row["client_id"], second_row["client_id"]) == ("Ann 안", "Ann 안#2")
        answer = json.loads(get(site, cookie, f"/api/sessions?{urlencode({'room': 'garden'})}"))
        assert [one["client_id"] for one in answer["sessions"]] == ["Ann 안"]
        page = get(site, cookie, f"/clients/{quote('Ann 안')}/")
        assert page.count("<bdi>garden</bdi>") == 1
        assert "Ann 안#2" in page
        listed = get(site, cookie, f"/admin/avatar_monitoring/clientsession/?{urlencode({'q': 'GARDEN'})}")
        assert "Ann 안" in listed
        assert "Ann 안#2" not in listed
    exported = site.manage("export_metrics", "--of", "sessions", "--from", "-1h", "--format", "csv", "--output", "-")
    assert "garden" in exported
