import time

import pytest
from django.core.checks import Info, run_checks
from django.core.checks.registry import registry
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.urls import get_resolver

from monitoring import checks
from monitoring.checks.registration import while_on, without_infos
from monitoring.checks.storing import check_redis
from monitoring.management.shared_options import CommandWithExamples

# Since Django 6.1 the checks of models ask the database what it can do.
pytestmark = pytest.mark.django_db


def ours() -> list:
    return [check for check in registry.registered_checks if check.__module__.startswith(checks.__name__)]


def test_the_site_itself_passes_every_check(settings):
    found = {message.id: message.msg for message in run_checks() if message.id.startswith("avatar_monitoring.")}
    assert {name: text for name, text in found.items() if name not in settings.SILENCED_SYSTEM_CHECKS} == {}


def test_while_monitoring_is_off_only_its_settings_are_checked(settings):
    settings.AVATAR_MONITORING = {"AVATAR_MONITORING_ENABLED": "false"}
    settings.REDIS_URL, settings.USE_TZ, settings.ROOT_URLCONF = None, False, "tests.no_such_module"
    assert [message for check in ours() for message in check()] == []


def test_a_check_that_fails_is_information_and_stops_no_command():
    def check_strange(_settings):
        yield Info("one")
        raise ZeroDivisionError("division by zero")

    before = set(registry.registered_checks)
    try:
        (message,) = while_on(check_strange)()
    finally:
        registry.registered_checks = before
    assert (message.id, message.level) == ("avatar_monitoring.I001", Info("").level)
    assert message.msg == "check_strange could not look at this project (ZeroDivisionError: division by zero)"


def test_no_check_asks_the_database(settings, django_assert_num_queries):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with django_assert_num_queries(0):
        assert [message for check in ours() for message in check() if message.id == "avatar_monitoring.I001"] == []


def test_all_checks_together_take_no_time_worth_mentioning():
    """The project's URLs are loaded in any case, by Django's own checks."""
    assert get_resolver().url_patterns
    for check in ours():
        check()
    start = time.process_time()
    for check in ours():
        check()
    assert time.process_time() - start < 0.5


class Quiet(CommandWithExamples):
    """A command that only checks."""

    def handle(self, **_: object) -> None:
        pass


@pytest.fixture
def live_only(settings) -> None:
    """A project without Redis, of which the checks inform."""
    settings.REDIS_URL = ""


def test_a_command_of_ours_does_not_repeat_what_check_informs_of(live_only, capsys):
    call_command(Quiet(), skip_checks=False)
    assert "I003" not in capsys.readouterr().err
    call_command("check")
    assert "I003" in capsys.readouterr().err


def test_what_starts_a_server_informs(live_only, capsys):
    command = Quiet()
    command.tells_infos = True
    call_command(command, skip_checks=False)
    assert "I003" in capsys.readouterr().err


def test_errors_and_warnings_are_told_all_the_same(settings):
    settings.AVATAR_MONITORING = {"AVATAR_METRICS_INTERVAL": "often"}
    with pytest.raises(SystemCheckError, match="E001"):
        call_command(Quiet(), skip_checks=False)


def test_it_ends_with_the_command(live_only):
    with without_infos():
        assert check_redis() == []
    assert [one.id for one in check_redis()] == ["avatar_monitoring.I003"]
