from types import SimpleNamespace

import pytest

from monitoring import BEAT
from monitoring.checks import storing


def ids(check) -> list[str]:
    return [message.id for message in check()]


def test_without_redis_monitoring_is_live_only(settings, monkeypatch):
    assert storing.check_redis() == []
    settings.REDIS_URL = None
    (message,) = storing.check_redis()
    assert message.id == "avatar_monitoring.I003"
    assert "live only" in message.msg
    assert "The environment has" not in message.hint
    monkeypatch.setenv("REDIS_URL", "redis://localhost")
    (message,) = storing.check_redis()
    assert message.hint.startswith("The environment has a REDIS_URL, the settings have none")


def test_without_redis_nothing_else_is_said_about_storing(settings):
    settings.REDIS_URL = None
    assert storing.check_storing() == storing.check_prompt_storing() == storing.check_database() == []


@pytest.mark.parametrize("name", ["CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE", "SHOP_BEAT_SCHEDULE"])
def test_a_schedule_in_any_namespace_stores(settings, name):
    assert ids(storing.check_storing) == ["avatar_monitoring.I004"]
    setattr(settings, name, {"mine": {"task": "shop.mail"}, **BEAT})
    assert ids(storing.check_storing) == []


@pytest.mark.parametrize("schedule", [None, {}, [], {"mine": {"task": "shop.mail"}}, {"mine": None}])
def test_a_schedule_without_our_task_does_not(settings, schedule):
    settings.CELERY_BEAT_SCHEDULE = schedule
    assert ids(storing.check_storing) == ["avatar_monitoring.I004"]


def test_servers_without_the_celery_application_cannot_have_alerts_stored_at_once(settings, monkeypatch):
    monkeypatch.setattr(storing.store_request, "scheduling_app", lambda: None)
    assert ids(storing.check_prompt_storing) == []
    settings.CELERY_BEAT_SCHEDULE = BEAT
    assert ids(storing.check_prompt_storing) == ["avatar_monitoring.I008"]
    monkeypatch.setattr(storing.store_request, "scheduling_app", object)
    assert ids(storing.check_prompt_storing) == []


def test_schedules_in_the_database_are_not_looked_at(monkeypatch):
    monkeypatch.setattr(storing.apps, "is_installed", lambda name: name == "django_celery_beat")
    assert storing.check_storing() == []


def database(monkeypatch, vendor: str, *, upserts: bool = True, **options) -> list[str]:
    fake = SimpleNamespace(
        vendor=vendor,
        display_name=vendor,
        settings_dict={"OPTIONS": options},
        features=SimpleNamespace(supports_update_conflicts_with_target=upserts),
    )
    monkeypatch.setattr(storing, "connections", {"default": fake})
    return [f"{message.id}: {message.msg}" for message in storing.check_database()]


def test_a_database_that_was_not_tested_is_a_warning(monkeypatch):
    (cannot,) = database(monkeypatch, "mysql", upserts=False)
    assert cannot.startswith("avatar_monitoring.W008: DATABASES['default']: mysql cannot store history")
    (untested,) = database(monkeypatch, "cockroachdb")
    assert untested.endswith("cockroachdb was not tested for history")
    assert database(monkeypatch, "postgresql") == []


def test_sqlites_default_transactions_are_information(monkeypatch):
    (message,) = database(monkeypatch, "sqlite")
    assert message.startswith("avatar_monitoring.I005")
    assert database(monkeypatch, "sqlite", transaction_mode="IMMEDIATE") == []
