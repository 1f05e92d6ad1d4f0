import pytest

from monitoring.core.records import Batch
from monitoring.models import ClientSession, Minute
from monitoring.storage import network_changes
from monitoring.storage.rows import store
from tests.monitoring.batches import MINUTE, arrived, batch, sample, session

pytestmark = pytest.mark.django_db
HOME, MOBILE = "10.0.0.1", "10.9.9.9"


@pytest.fixture(autouse=True)
def kept(settings):
    """Addresses and users of these old sessions are still kept."""
    settings.AVATAR_MONITORING = {"AVATAR_KEEP_PERSONAL": "forever"}


def lost(at: float = MINUTE + 20.0, **values) -> Batch:
    """A node's batch with one client that was lost."""
    record = session(disconnected_at=at, ended="connection lost", close_code=1006, cause="client_lost")
    for name, value in ({"remote": HOME, "path": "/ws/"} | values).items():
        setattr(record, name, value)
    departures = {"departures": {f"{record.cause} /ws/": 1}}
    return batch(sample(at, disconnects=1, breakdowns=departures), boot="a", node="web:1", sessions=[record])


def back(at: float, **values) -> Batch:
    """Another node's batch with a client that has just connected."""
    record = session("s2")
    for name, value in ({"remote": MOBILE, "connected_at": at, "path": "/ws/"} | values).items():
        setattr(record, name, value)
    return batch(sample(at, connects=1), boot="b", node="web:2", sessions=[record])


def cause() -> str:
    return ClientSession.objects.get(session_id="s1").cause


@pytest.mark.parametrize("after", [-170.0, -30.0, 0.0, 5.0, 60.0])
@pytest.mark.parametrize("order", [1, -1])
def test_a_lost_client_that_is_back_from_another_address_changed_networks(after, order):
    """Whichever of the two is stored first, and on another node."""
    ended = MINUTE + 300.0
    for one in [lost(ended), back(ended + after)][::order]:
        store(arrived(one))
    assert cause() == "network_changed"


def test_both_may_come_at_once():
    store(arrived(lost(), back(MINUTE + 25.0)))
    assert cause() == "network_changed"


def test_its_count_moves_too():
    store(arrived(lost()))
    store(arrived(back(MINUTE + 25.0)))
    for node in ("web:1", ""):
        assert Minute.objects.get(node=node).breakdowns["departures"] == {"network_changed /ws/": 1}


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        pytest.param({"remote": HOME}, {}, id="from the same address"),
        pytest.param({"remote": ""}, {}, id="from an unknown address"),
        pytest.param({}, {"remote": ""}, id="whose address was unknown"),
        pytest.param({"at": MINUTE + 90.0}, {}, id="too late"),
        pytest.param({"client_id": "another"}, {}, id="somebody else"),
        pytest.param(
            {"client_id": "phone", "user": "ann", "user_agent": "Android"},
            {"user": "ann", "user_agent": "Firefox"},
            id="with another device",
        ),
        pytest.param({}, {"cause": "client_closed", "ended": "client closed"}, id="that said goodbye"),
    ],
)
def test_any_other_client_was_lost_or_left(later, earlier):
    store(arrived(lost(**earlier)))
    store(arrived(back(**{"at": MINUTE + 25.0, **later})))
    assert cause() == earlier.get("cause", "client_lost")


def test_the_same_user_or_the_next_number_of_its_id_is_the_same_client():
    store(arrived(lost(), back(MINUTE + 10.0, client_id="avatar-1#2")))
    assert cause() == "network_changed"


def test_a_user_may_come_back_under_another_id():
    store(arrived(lost(user="ann")))
    store(arrived(back(MINUTE + 25.0, user="ann", client_id="random-2")))
    assert cause() == "network_changed"


def test_a_run_asks_only_a_few_questions(django_assert_max_num_queries):
    store(arrived(lost()))
    rows = [ClientSession.objects.get(session_id="s1")] * 50
    with django_assert_max_num_queries(10):
        network_changes.correct_causes(rows)
