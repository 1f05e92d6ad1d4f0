from datetime import timedelta

import pytest

from monitoring.columns import timestamp
from monitoring.models import ClientSession
from monitoring.storage.older_causes import fill_causes
from monitoring.storage.rows import store
from tests.monitoring.batches import MINUTE, arrived, batch, session

pytestmark = pytest.mark.django_db


def older(session_id: str, ended: str, close_code: int | None = None, **values) -> None:
    record = session(session_id, disconnected_at=MINUTE + 5.0, ended=ended, close_code=close_code, **values)
    store(arrived(batch(boot=session_id, sessions=[record])))
    ClientSession.objects.filter(session_id=session_id).update(cause="")


def stored() -> dict[str, str]:
    return dict(ClientSession.objects.values_list("session_id", "cause"))


def test_sessions_of_older_releases_get_their_causes_by_and_by():
    older("closed", "client closed", 1001)
    older("lost", "client closed", 1006)
    older("gone", "node gone")
    store(arrived(batch(boot="open", sessions=[session("open")])))
    assert fill_causes(at_once=2) == 2
    assert fill_causes(at_once=2) == 1
    assert fill_causes(at_once=2) == 0
    assert stored() == {"closed": "client_closed", "lost": "client_lost", "gone": "server_killed", "open": ""}


def test_until_then_they_have_one_when_they_are_read():
    older("stopped", "server stopped")
    assert stored() == {"stopped": ""}
    assert ClientSession.objects.get().cause == "server_stopped"
    assert ClientSession.objects.only("client_id").get().client_id == "avatar-1"


def test_a_record_of_an_older_node_gets_its_cause_when_it_is_stored():
    record = session(disconnected_at=MINUTE + 5.0, ended="server closed", close_code=4403)
    store(arrived(batch(sessions=[record])))
    assert stored() == {"s1": "not_allowed"}


def test_an_open_session_has_none():
    store(arrived(batch(sessions=[session()])))
    assert ClientSession.objects.get().cause == ""
    assert ClientSession.objects.get().connected_at < timestamp(MINUTE) + timedelta(minutes=1)
