"""Checks of what keeps the history: Redis, whatever stores the journal, and the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.apps import apps
from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Info, Warning  # noqa: A004  (Django's name)
from django.db import connections, router

from monitoring import environment
from monitoring.checks.registration import while_on
from monitoring.conf import MonitoringSettings
from monitoring.fleet import store_request

TESTED = ("sqlite", "postgresql")
SQLITE_OPTIONS = (
    'OPTIONS = {"transaction_mode": "IMMEDIATE", "timeout": 20, '
    '"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"}'
)


@while_on
def check_redis(settings: MonitoringSettings) -> Iterator[CheckMessage]:
    if settings.redis_url:
        return
    hint = 'In the settings: REDIS_URL = "redis://…"'
    if environment.has("REDIS_URL"):
        hint = 'The environment has a REDIS_URL, the settings have none: REDIS_URL = environ["REDIS_URL"]'
    yield Info(
        "REDIS_URL is not set: monitoring is live only, no history is kept, and rules of the admin are not in force",
        hint=hint,
        id="avatar_monitoring.I003",
    )


@while_on
def check_storing(settings: MonitoringSettings) -> Iterator[CheckMessage]:
    if not settings.redis_url or _is_scheduled():
        return
    yield Info(
        f"No setting tells Celery's beat to run {store_request.TASK}: unless something else does, no history is stored",
        hint="CELERY_BEAT_SCHEDULE = BEAT, or run `manage.py store_history --loop`; if that runs, silence this check",
        id="avatar_monitoring.I004",
    )


@while_on
def check_prompt_storing(settings: MonitoringSettings) -> Iterator[CheckMessage]:
    """Whether servers, which import what this process imports, can ask a worker to store alerts at once."""
    if settings.redis_url and _is_scheduled() and store_request.scheduling_app() is None:
        yield Info(
            "Alerts are stored and sent within a minute, not at once: servers do not have the Celery application",
            hint="As in Celery's guide for Django, in the project's __init__.py: from .celery import app as celery_app "
            "(or run `manage.py store_history --loop`; if that runs, silence this check)",
            id="avatar_monitoring.I008",
        )


def _is_scheduled() -> bool:
    """Whether any schedule in the settings has the task, or schedules are kept where no setting tells."""
    names = [name for name in dir(django_settings) if name.endswith("BEAT_SCHEDULE")]
    schedules = [getattr(django_settings, name) for name in names]
    entries = [entry for one in schedules if isinstance(one, Mapping) for entry in one.values()]
    return apps.is_installed("django_celery_beat") or any(
        isinstance(entry, Mapping) and entry.get("task") == store_request.TASK for entry in entries
    )


@while_on
def check_database(settings: MonitoringSettings) -> Iterator[CheckMessage]:
    """Nothing is connected: an engine says what it can before."""
    if not settings.redis_url:
        return
    from monitoring.models import JournalCursor

    alias = router.db_for_write(JournalCursor)
    connection = connections[alias]
    options = connection.settings_dict.get("OPTIONS", {})
    if connection.vendor not in TESTED:
        works = connection.features.supports_update_conflicts_with_target
        consequence = (
            "was not tested for history" if works else "cannot store history: it has no upsert by given columns"
        )
        yield Warning(
            f"DATABASES[{alias!r}]: {connection.display_name} {consequence}",
            hint="SQLite and PostgreSQL are tested. A router may keep the app avatar_monitoring in one of these.",
            id="avatar_monitoring.W008",
        )
    elif connection.vendor == "sqlite" and options.get("transaction_mode") not in ("IMMEDIATE", "EXCLUSIVE"):
        yield Info(
            f"DATABASES[{alias!r}]: while history is stored, SQLite may refuse other writers: database is locked",
            hint=SQLITE_OPTIONS,
            id="avatar_monitoring.I005",
        )
