import pytest

from monitoring.core.wire.link import SCOPE_KEY
from monitoring.servers import guard as module
from monitoring.servers.guard import Guard, Linked
from tests.fakes import FakeLink

ENDS = ("receive", "send")


class Wrapping(FakeLink):
    """A link that marks what it wraps."""

    def receiving(self, receive):
        return ("receiving", receive)

    def sending(self, send):
        return ("sending", send)


@pytest.fixture
def calls():
    return []


@pytest.fixture
def app(calls):
    async def app(*arguments):
        calls.append(arguments)

    return app


async def test_a_websocket_gets_its_link_and_nothing_else_changes(app, calls, protection, monkeypatch):
    link, scope = FakeLink(), {"type": "websocket"}
    monkeypatch.setattr(module, "link_to", lambda *given: link if given == (*ENDS, protection) else None)
    await Linked(app, protection)(scope, *ENDS)
    assert calls == [({"type": "websocket", SCOPE_KEY: link}, *ENDS)]
    assert scope == {"type": "websocket"}


async def test_a_guarded_websocket_is_limited_both_ways(app, calls, protection, monkeypatch):
    link, scope = Wrapping(), {"type": "websocket"}
    monkeypatch.setattr(module, "guarded_link_to", lambda *_: link)
    await Guard(app, protection, "guard")(scope, *ENDS)
    assert calls == [({"type": "websocket", SCOPE_KEY: link}, ("receiving", "receive"), ("sending", "send"))]


async def test_where_nothing_can_be_limited_a_guarded_websocket_still_gets_its_link(
    app, calls, protection, monkeypatch
):
    link = FakeLink()
    monkeypatch.setattr(module, "uvicorn_link", lambda *_: link)
    await Guard(app, protection, "guard")({"type": "websocket"}, *ENDS)
    assert calls == [({"type": "websocket", SCOPE_KEY: link}, *ENDS)]


@pytest.mark.parametrize("kind", ["websocket", "http"])
async def test_under_a_server_without_links_nothing_changes(app, calls, protection, kind):
    for wrapped in (Linked(app, protection), Guard(app, protection, "guard")):
        await wrapped({"type": kind}, *ENDS)
    assert calls == [({"type": kind}, *ENDS)] * 2
