import logging
import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from monitoring.kiosk_screens import exchange, screen_of
from monitoring.models import KioskToken

pytestmark = pytest.mark.django_db
LIST = "/admin/avatar_monitoring/kiosktoken/"


def made(client: Client, name: str = "lobby", days: str = "30"):
    return client.post(f"{LIST}add/", {"name": name, "days": days})


def secret_in(response) -> str:
    return re.search(r"/kiosk/#([\w-]+)", response.content.decode())[1]


def member(*names: str) -> Client:
    user = User.objects.create_user("staff", is_staff=True)
    for name in names:
        user.user_permissions.add(Permission.objects.get(content_type__app_label="avatar_monitoring", codename=name))
    client = Client()
    client.force_login(user)
    return client


def test_a_token_is_shown_once(admin_client, caplog):
    with caplog.at_level(logging.DEBUG):
        response = made(admin_client)
    assert "no-store" in response.headers["Cache-Control"]
    secret = secret_in(response)
    row = KioskToken.objects.get()
    assert (row.name, row.created_by, row.state_at(row.created_at)) == ("lobby", "admin", "not used yet")
    later = [admin_client.get(path).content.decode() for path in (LIST, f"{LIST}{row.pk}/change/", "/admin/")]
    assert "lobby" in later[0]
    assert secret not in "".join(later) + caplog.text
    assert exchange(secret)


def test_what_is_wrong_stands_at_its_field(admin_client):
    errors = made(admin_client, " ", "401").context["adminform"].form.errors
    assert set(errors) == {"name", "days"}
    assert not KioskToken.objects.exists()


def test_it_is_revoked_by_an_action_that_says_by_whom(admin_client):
    cookie = exchange(secret_in(made(admin_client)))
    row = KioskToken.objects.get()
    response = admin_client.post(LIST, {"action": "revoke", "_selected_action": [row.pk]}, follow=True)
    assert "1 token revoked." in response.content.decode()
    row.refresh_from_db()
    assert (row.revoked_by, screen_of({cookie.name: cookie.value})) == ("admin", None)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_its_state_looks_the_same_in_every_language(admin_client, language):
    made(admin_client)
    assert "badge-not-used-yet" in admin_client.get(LIST, headers={"accept-language": language}).content.decode()


def test_whoever_may_not_watch_gives_nobody_else_the_right_to():
    assert made(member("add_kiosktoken")).status_code == 403


def test_whoever_may_only_revoke_does_that():
    client = member("change_kiosktoken")
    assert client.get(LIST).status_code == 200
    assert made(client).status_code == 403
