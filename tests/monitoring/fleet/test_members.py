from types import SimpleNamespace

import pytest

from monitoring.fleet import members as module
from monitoring.fleet.members import PEER_SECONDS, Members
from tests.fakes import FakeClock


@pytest.fixture
def clock(monkeypatch) -> FakeClock:
    clock = FakeClock()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock))
    return clock


def test_a_member_is_new_until_it_was_heard(clock):
    members = Members()
    assert members.hear("a", "web:1")
    assert not members.hear("a", "web:1")
    assert members.names == {"a": "web:1"}


def test_a_silent_member_is_forgotten_and_new_again(clock):
    members = Members()
    members.hear("a", "web:1")
    clock.advance(PEER_SECONDS - 1)
    members.hear("b", "web:2")
    assert members.forget_silent() == []
    clock.advance(1)
    assert members.forget_silent() == ["a"]
    assert members.names == {"b": "web:2"}
    assert members.hear("a", "web:1")


def test_a_group_may_wait_longer(clock):
    members = Members(silent_seconds=60)
    members.hear("a", "web:1")
    clock.advance(59)
    assert members.forget_silent() == []
    clock.advance(1)
    assert members.forget_silent() == ["a"]
