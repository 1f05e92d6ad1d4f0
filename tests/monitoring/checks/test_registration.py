import time

import pytest
from django.core.checks import Info, run_checks
from django.core.checks.registry import registry
from django.urls import get_resolver

from monitoring import checks
from monitoring.checks.registration import while_on

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
