import pytest

from monitoring.core.wire.link import SCOPE_KEY, ProtectionCounters
from monitoring.servers import guard as module
from monitoring.servers.guard import Guard
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
def guard(calls):
    async def app(*arguments):
        calls.append(arguments)

    return Guard(app, ProtectionCounters())


async def test_a_websocket_gets_its_link_and_is_guarded_both_ways(guard, calls, monkeypatch):
    link, scope = Wrapping(), {"type": "websocket"}
    monkeypatch.setattr(module, "link_to", lambda *given: link if given == (*ENDS, guard.protection) else None)
    await guard(scope, *ENDS)
    assert calls == [({"type": "websocket", SCOPE_KEY: link}, ("receiving", "receive"), ("sending", "send"))]
    assert scope == {"type": "websocket"}


async def test_under_a_server_without_links_nothing_changes(guard, calls):
    await guard({"type": "websocket"}, "receive", "send")
    assert calls == [({"type": "websocket"}, "receive", "send")]


async def test_other_protocols_are_not_looked_at(guard, calls, monkeypatch):
    monkeypatch.setattr(module, "link_to", None)
    await guard({"type": "http"}, "receive", "send")
    assert calls == [({"type": "http"}, "receive", "send")]
