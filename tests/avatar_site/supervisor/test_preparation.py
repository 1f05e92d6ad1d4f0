import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured

from avatar_site.front.listening import listen
from avatar_site.supervisor import preparation
from tests.site import free_port


@pytest.mark.django_db
def test_the_first_administrator_is_a_superuser_with_a_random_password():
    password = preparation.first_administrator(print)
    assert authenticate(username="admin", password=password).is_superuser
    assert len(password) >= 16


@pytest.mark.django_db
def test_there_is_only_one_first_administrator():
    preparation.first_administrator(print)
    assert preparation.first_administrator(print) is None


@pytest.mark.django_db
def test_nobody_becomes_an_administrator_because_of_their_name():
    User.objects.create_user("admin")
    assert preparation.first_administrator(print) is None
    assert not User.objects.get(username="admin").is_staff


def test_the_check_of_a_silent_redis_times_out(monkeypatch):
    monkeypatch.setattr(preparation, "SET_UP_SECONDS", 0.1)
    with listen("127.0.0.1", free_port()) as silent:
        port = silent.getsockname()[1]
        said = rf"REDIS_URL=redis://127.0.0.1:{port}: cannot be used \(.*\): start that server, or leave REDIS_URL out"
        with pytest.raises(ImproperlyConfigured, match=said):
            preparation.check_redis(f"redis://127.0.0.1:{port}")


def test_a_redis_that_refuses_the_password_is_not_said_to_be_away(valkey_url):
    with pytest.raises(ImproperlyConfigured, match=r"cannot be used \([^)]*\)$"):
        preparation.check_redis(valkey_url.replace("://", "://nobody:wrong@"))


def test_a_data_directory_is_created_for_its_owner_only(tmp_path):
    preparation.check_data_directory(tmp_path / "data")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert not list((tmp_path / "data").iterdir())
