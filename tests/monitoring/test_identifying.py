import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.test import Client as Browser

from monitoring import Client, django_user, monitored
from monitoring.core.client_names import UNKNOWN
from monitoring.core.rescue import Rescue
from monitoring.identifying import identification


def handshake(cookie: str = "", query: str = "") -> dict:
    return {"type": "websocket", "headers": [(b"cookie", cookie.encode())], "query_string": query.encode()}


@pytest.fixture
def signed_in(db, settings):
    """The cookie of a browser in which a user of this name is signed in."""

    def cookie(name: str) -> str:
        browser = Browser()
        browser.force_login(User.objects.create_user(name))
        return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"

    return cookie


def test_only_a_function_can_identify():
    with pytest.raises(ImproperlyConfigured, match=r"identify='ann'\): must be a function that takes the ASGI scope"):
        monitored(lambda *_: None, identify="ann")


@pytest.mark.django_db(transaction=True)
async def test_whoever_is_not_signed_in_is_nobody(settings):
    assert await django_user(handshake()) is None
    for cookie in ("x" * 40, "a\0b"):
        assert await django_user(handshake(f"{settings.SESSION_COOKIE_NAME}={cookie}")) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "query", "expected"),
    [
        ("ann", "", Client("ann", "ann")),
        ("김하늘", "", Client("김하늘", "김하늘")),
        ("ann", "client_id=tab-1", Client(None, "ann")),
        ("x" * 150, "", Client(None, "x" * 150)),
    ],
)
async def test_a_signed_in_user_is_called_by_the_username(signed_in, name, query, expected):
    from asgiref.sync import sync_to_async

    assert await django_user(handshake(await sync_to_async(signed_in)(name), query)) == expected


class Answered:
    """A connection that waits for its names."""

    names = None

    def identified(self, names, *, failed=False):
        self.names = None if failed else names


async def names_by(identify, scope):
    connection = Answered()
    if (task := identification(identify, Rescue()).begin(scope, connection)) is not None:
        await task
    return connection.names


@pytest.mark.django_db(transaction=True)
async def test_a_coroutine_function_names_clients():
    assert await names_by(django_user, handshake()) == UNKNOWN


@pytest.mark.django_db(transaction=True)
async def test_a_plain_function_may_read_the_database():
    ann = await User.objects.acreate(username="ann")
    found = await names_by(lambda scope: User.objects.get(pk=scope["user"]).username, {"user": ann.pk})
    assert found.id == "ann"
