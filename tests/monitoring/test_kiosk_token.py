from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from monitoring.kiosk_screens import exchange, screen_of
from monitoring.models import KioskToken

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("kiosk_token", *arguments, stdout=out)
    return out.getvalue()


def test_it_makes_a_token_whose_address_is_opened_once():
    lines = said("create", "office,  second floor").splitlines()
    assert lines[0].startswith("made token ")
    assert "for office, second floor, until " in lines[0]
    page, _, secret = lines[1].partition("#")
    assert page == "/kiosk/"
    assert exchange(secret)
    assert KioskToken.objects.get().created_by == "the command kiosk_token"


def test_the_address_is_whole_where_the_site_knows_its_own(settings):
    settings.AVATAR_MONITORING = {"AVATAR_PUBLIC_URL": "https://example.com/watch"}
    assert said("create", "lobby").splitlines()[1].startswith("https://example.com/watch/kiosk/#")


def test_it_lists_all_and_prints_no_secret():
    secret = said("create", "lobby").splitlines()[1].partition("#")[2]
    listed = said("list")
    assert "not used yet" in listed
    assert listed.endswith("lobby\n1 token\n")
    assert secret not in listed


def test_it_revokes_by_name_or_number():
    secrets = [said("create", name).splitlines()[1].partition("#")[2] for name in ("lobby", "office")]
    cookies = [{cookie.name: cookie.value} for cookie in map(exchange, secrets)]
    assert said("revoke", "lobby") == "revoked 1 token: lobby\n"
    assert [screen_of(one) is None for one in cookies] == [True, False]
    assert said("revoke", str(KioskToken.objects.get(name="office").pk)).startswith("revoked 1 token")
    assert screen_of(cookies[1]) is None


def test_what_is_wrong_is_named():
    with pytest.raises(CommandError, match="attic: no token has this name or number"):
        call_command("kiosk_token", "revoke", "attic")
    with pytest.raises(CommandError, match="revoke takes the name of a screen"):
        call_command("kiosk_token", "revoke")
    with pytest.raises(CommandError, match="list takes no name"):
        call_command("kiosk_token", "list", "lobby")
    with pytest.raises(CommandError, match="list takes no --days"):
        call_command("kiosk_token", "list", "--days", "3")
    with pytest.raises(CommandError, match="days=900: must be"):
        call_command("kiosk_token", "create", "lobby", "--days", "900")
