from monitoring.core.wire.link import SCOPE_KEY, ProtectionCounters, link_of
from tests.fakes import FakeLink


def test_a_connections_link_is_in_its_scope():
    link = FakeLink()
    assert link_of({"type": "websocket", SCOPE_KEY: link}) is link


def test_a_server_that_offers_none_has_none():
    assert link_of({"type": "websocket"}) is None


def test_nothing_has_been_guarded_at_the_start():
    assert ProtectionCounters() == ProtectionCounters(paused_reads=0, closed_slow=0, refused_messages=0)


def test_refusals_are_counted_by_cause_and_unknown_causes_together():
    protection = ProtectionCounters()
    for cause in ("origin", "origin", *(f"invented {number}" for number in range(1000))):
        protection.refuse(cause)
    assert protection.refused == {"origin": 2, "application": 1000}
