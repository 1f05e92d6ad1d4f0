import pytest
from django.core.exceptions import ImproperlyConfigured

from monitoring import django_user
from monitoring.core.rescue import Rescue
from monitoring.identifying import check, identification


class Answer:
    """Takes the names that were found."""

    names = None

    def identified(self, names, *, failed=False):
        self.names = None if failed else names


async def named(identify, scope):
    answer = Answer()
    task = identification(identify, Rescue()).begin(scope, answer)
    if task is not None:
        await task
    return answer.names


@pytest.mark.django_db(transaction=True)
async def test_a_coroutine_function_such_as_django_user_names_clients(django_user_model):
    assert (await named(django_user, {"headers": []})).user is None


@pytest.mark.django_db(transaction=True)
async def test_a_plain_function_may_read_the_database(django_user_model):
    ada = await django_user_model.objects.acreate(username="ada")
    found = await named(lambda scope: django_user_model.objects.get(pk=scope["user"]).username, {"user": ada.pk})
    assert found.id == "ada"


def test_what_cannot_be_called_is_refused():
    with pytest.raises(ImproperlyConfigured, match="must be a function that takes the ASGI scope"):
        check("ada")
