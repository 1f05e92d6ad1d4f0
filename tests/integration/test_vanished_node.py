"""A server that is killed with its clients is one alert about them."""

import json
import signal

import pytest

from tests.site import eventually

STORE = """
import json
from monitoring.jobs import store_snapshots
from monitoring.models import Alert, ClientSession
store_snapshots()
print(json.dumps([ClientSession.objects.open().count(), list(Alert.objects.values_list("rule", "value", "message"))]))
"""

A_MINUTE_LATER = (
    """
from monitoring.journal import stream
from monitoring.storage import vanished_nodes
vanished_nodes.REDIS_GRACE = 0.0
clock = stream.now
stream.now = lambda client: clock(client) + 60
"""
    + STORE
)


def stored(site, code: str = STORE) -> list:
    return json.loads(site.shell(code))


def test_a_killed_node_is_an_alert_with_its_clients(shared):
    server = shared.daphne()
    with shared.avatar("client_id=ann"), shared.avatar("client_id=ben"):
        eventually(lambda: stored(shared)[0] == 2, seconds=30, every=0.5, what=shared.logs)
        server.kill()
        server.wait()
    stored(shared)
    # A busy machine may have an alert of its own.
    (alert,) = [one for one in stored(shared, A_MINUTE_LATER)[1] if one[0] == "node_gone"]
    assert alert[:2] == ["node_gone", 2]
    assert alert[2].endswith("vanished with 2 clients")


@pytest.mark.deployment
def test_a_stopped_node_is_none(shared):
    server = shared.daphne()
    with shared.avatar("client_id=ann"):
        eventually(lambda: stored(shared)[0] == 1, seconds=30, every=0.5, what=shared.logs)
        server.send_signal(signal.SIGTERM)
        server.wait(20)
    stored(shared)
    still_open, alerts = stored(shared, A_MINUTE_LATER)
    assert (still_open, [rule for rule, _, _ in alerts if rule == "node_gone"]) == (0, [])
