from datetime import timedelta

import pytest

from monitoring.columns import timestamp
from monitoring.core.causes import Cause
from monitoring.models import Hour, Minute, Pending
from monitoring.storage.departure_counts import Correction, correct
from monitoring.storage.roll_up import roll_up
from tests.monitoring.batches import MINUTE, minute

pytestmark = pytest.mark.django_db
WITHIN = timestamp(MINUTE + 30)


@pytest.fixture
def stored() -> None:
    """Two nodes' minute, with three lost clients of one of them."""
    minute(boot="a", node="web:1", connections=5, breakdowns={"departures": {"client_lost /ws/*/": 3}})
    minute(boot="b", node="web:2", connections=7, breakdowns={"departures": {"client_lost /ws/*/": 1}})


def counts(node: str = "") -> dict[str, int]:
    return Minute.objects.get(node=node).breakdowns["departures"]


def moved(count: int = 1, path: str = "/ws/7/", before: Cause | None = Cause.CLIENT_LOST) -> Correction:
    return Correction("a", WITHIN, path, before, Cause.NETWORK_CHANGED, count)


def test_a_count_moves_in_the_nodes_minute_and_in_the_fleets(stored):
    correct([moved(2)])
    assert counts("web:1") == {"client_lost /ws/*/": 1, "network_changed /ws/*/": 2}
    assert counts("web:2") == {"client_lost /ws/*/": 1}
    assert counts() == {"client_lost /ws/*/": 2, "network_changed /ws/*/": 2}


def test_hours_are_rolled_up_again(stored):
    roll_up()
    correct([moved()])
    assert list(Pending.objects.epochs("hour")) == [Hour.start_of(MINUTE)]
    roll_up()
    assert Hour.objects.get(node="").breakdowns["departures"]["network_changed /ws/*/"] == 1


def test_everything_else_in_the_minutes_stays(stored):
    before = Minute.objects.get(node="")
    correct([moved()])
    after = Minute.objects.get(node="")
    assert (after.connections_max, after.bounded) == (before.connections_max, before.bounded)


def test_what_was_never_counted_is_added(stored):
    correct([moved(4, before=None)])
    assert counts("web:1") == {"client_lost /ws/*/": 3, "network_changed /ws/*/": 4}


def test_no_more_is_moved_than_was_counted(stored):
    correct([moved(9)])
    assert counts("web:1") == {"network_changed /ws/*/": 3}
    correct([moved(9)])
    assert counts("web:1") == {"network_changed /ws/*/": 3}


def test_a_path_beyond_the_nodes_limit_was_counted_as_other():
    minute(boot="a", breakdowns={"departures": {"client_lost other": 2}})
    correct([moved(path="/rare/")])
    assert counts() == {"client_lost other": 1, "network_changed other": 1}


def test_minutes_that_are_not_stored_are_left_alone(stored):
    correct([Correction("a", WITHIN + timedelta(minutes=5), "/ws/7/", None, Cause.SERVER_KILLED)])
    correct([Correction("unknown", WITHIN, "/ws/7/", None, Cause.SERVER_KILLED)])
    assert counts() == {"client_lost /ws/*/": 4}
