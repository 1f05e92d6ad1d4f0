import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError
from django.test import Client

from avatar_site import sign_ins as module
from avatar_site.admission import Admission, AvatarIdentity, session_digest
from avatar_site.rooms import Rooms
from avatar_site.sign_ins import SignIns, refusals
from tests.fakes import FakeMember
from tests.waiting import until


@pytest.fixture
def ann(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ann", password="a"))
    return client


def admission_of(client: Client, *, by_browser: bool = True) -> Admission:
    key = client.session.session_key
    identity = AvatarIdentity(str(User.objects.get(username="ann").pk), session_digest(key))
    return Admission("ann", "lobby", "holder", identity, key if by_browser else None)


@pytest.fixture(params=[True, False], ids=["browser", "program"])
def by_browser(request) -> bool:
    return request.param


def test_a_signed_in_user_may_stay(ann, by_browser):
    assert refusals({admission_of(ann, by_browser=by_browser)}) == {}


@pytest.mark.parametrize("how", ["deactivated", "deleted"])
def test_an_inactive_user_may_not_stay(ann, by_browser, how):
    admission = admission_of(ann, by_browser=by_browser)
    if how == "deleted":
        User.objects.all().delete()
    else:
        User.objects.update(is_active=False)
    assert refusals({admission}) == {admission: 4403}


def test_a_signed_out_user_may_not_stay(ann):
    admission = admission_of(ann)
    ann.logout()
    assert refusals({admission}) == {admission: 4401}


def test_other_sessions_of_a_user_who_changed_the_password_may_not_stay(ann):
    admission = admission_of(ann)
    user = User.objects.get()
    user.set_password("b")
    user.save()
    assert refusals({admission}) == {admission: 4401}


def test_a_ticket_that_names_nobody_holds_as_long_as_the_connection(db):
    admission = Admission("robot", "lobby", "holder")
    assert refusals({admission}) == {}


def test_all_avatars_are_checked_with_two_queries(ann, django_assert_num_queries):
    one = admission_of(ann)
    many = {Admission(f"a{number}", "lobby", "holder", one.identity, one.session_key) for number in range(50)}
    with django_assert_num_queries(2):
        assert refusals(many) == {}


@pytest.mark.django_db(transaction=True)
def test_only_avatars_that_may_not_stay_are_dismissed(ann):
    admission = admission_of(ann)
    ann.logout()
    members = [FakeMember("ann", admission=admission), FakeMember("bob"), FakeMember("robot")]

    async def check() -> None:
        rooms = Rooms()
        for member in members:
            rooms.join("lobby", member)
        await SignIns(rooms).check()

    async_to_sync(check)()
    assert [member.dismissals for member in members] == [[(4401, "signed out")], [], []]


@pytest.mark.parametrize("error", [OperationalError("away"), InterfaceError("away"), ConnectionError("away")])
async def test_an_outage_of_the_database_or_of_the_session_store_ends_neither_connections_nor_checks(
    monkeypatch, caplog, error
):
    def away(_admissions):
        raise error

    monkeypatch.setattr(module, "CHECK_SECONDS", 0.001)
    monkeypatch.setattr(module, "refusals", away)
    rooms = Rooms()
    member = FakeMember("ann", admission=Admission("ann", "lobby", "holder", AvatarIdentity("1", "")))
    rooms.join("lobby", member)
    sign_ins = SignIns(rooms)
    await sign_ins.start()
    await until(lambda: sum("still signed in" in record.message for record in caplog.records) > 1)
    await sign_ins.stop()
    assert member.dismissals == []
    rooms.pump.stop()
