"""Checks what the site's processes need before they start. Every failure is an ImproperlyConfigured with one line."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connections
from django.db.models import Q
from redis import Redis, RedisError, exceptions
from redis.exceptions import NoPermissionError

from avatar_site.configuration import static_files
from avatar_site.supervisor.start_lock import Say, database_lock, file_lock
from monitoring import redis_rights
from monitoring.journal.stream import may_evict
from monitoring.parsers import presentable
from monitoring.redis_connections import SET_UP_SECONDS, connect
from monitoring.redis_rights import KEY
from monitoring.site import key_of

# The commands that Celery runs on Redis, found by watching it.
OF_CELERY: tuple[redis_rights.Command, ...] = (
    ("LPUSH", KEY, "1"), ("LLEN", KEY), ("RPOP", KEY), ("BRPOP", KEY, "0.01"), ("SADD", KEY, "1"), ("SMEMBERS", KEY),
    ("SREM", KEY, "1"), ("ZADD", KEY, "1", "1"), ("ZRANGE", KEY, "0", "0"), ("ZRANGEBYSCORE", KEY, "0", "1"),
    ("ZREM", KEY, "1"), ("HGET", KEY, "field"), ("WATCH", KEY), ("UNWATCH",), ("SCRIPT", "LOAD", "return 1"),
    ("EVALSHA", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "0"),
)  # fmt: skip
AWAY = exceptions.ConnectionError, exceptions.TimeoutError
START_IT = ": start that server, or leave REDIS_URL out to use an embedded Valkey"


def check_data_directory(directory: Path) -> None:
    """Creates the directory if it is missing, and writes to it once."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(b"written")
    except OSError as error:
        raise ImproperlyConfigured(f"AVATAR_DATA_DIR={directory}: cannot be used ({error.strerror})") from error


def check_redis(url: str) -> None:
    """Checks that the server in REDIS_URL is usable, with three seconds for each step."""
    with _asked(url) as client, suppress(NoPermissionError):
        client.ping()


def check_redis_rights(url: str, site: str, say: Say) -> None:
    """Checks that it accepts history and gives the user every right this site needs; warns if it may delete history."""
    with _asked(url) as client:
        if refused := redis_rights.refusal(client, site, OF_CELERY):
            raise ValueError(refused)
        client.set(key_of(site, "start"), "1", ex=1)
        memory = client.info("memory")
    if may_evict(memory):
        policy = memory["maxmemory_policy"]
        say(f"Warning: REDIS_URL: maxmemory-policy {policy} deletes unstored history; set it to noeviction")


@contextmanager
def _asked(url: str) -> Iterator[Redis]:
    try:
        with connect(url, SET_UP_SECONDS) as client:
            yield client
    except (RedisError, ValueError) as error:
        is_away = isinstance(error, AWAY) and not isinstance(error, exceptions.AuthenticationError)
        raise ImproperlyConfigured(
            f"REDIS_URL={presentable(url)}: cannot be used ({presentable(str(error))}){START_IT if is_away else ''}"
        ) from error


def prepare_database(say: Say) -> None:
    """Brings the tables up to date, after any other process that is doing so; `say` gets a line if that takes time."""
    call_command("migrate", verbosity=0, interactive=False, say=say)


def collect_static_files(say: Say) -> None:
    """Collects static files if they have changed since the last time; `say` gets a line if that is impossible."""
    manifest = getattr(staticfiles_storage, "manifest_name", None)
    if not manifest or static_files.are_current():
        return
    if missing := static_files.missing_source():
        if not staticfiles_storage.exists(manifest):
            raise ImproperlyConfigured(missing)
        say(f"Warning: the static files are not collected again: {missing}")
        return
    try:
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        with file_lock(say, settings.STATIC_ROOT):
            if not static_files.are_current():
                call_command("collectstatic", verbosity=0, interactive=False)
    except OSError as error:
        if not staticfiles_storage.exists(manifest):
            raise ImproperlyConfigured(f"{settings.STATIC_ROOT}: cannot be used ({error.strerror})") from error
        reason = f"{settings.STATIC_ROOT} cannot be used ({error.strerror})"
        say(f"Warning: the collected static files are older than their sources: {reason}")


def has_administrator() -> bool:
    """Whether somebody is staff, or at least the name `admin` is taken."""
    return User.objects.filter(Q(is_staff=True) | Q(username="admin")).exists()


def first_administrator(say: Say) -> str | None:
    """The new password of `admin`, created if nobody is staff yet and the name is free; else None."""
    with database_lock(say, settings.DATA_DIR):
        if has_administrator():
            return None
        password = secrets.token_urlsafe(12)
        User.objects.create_superuser("admin", password=password)
        return password


def close_database() -> None:
    """This process no longer needs it, and an idle connection may cost the database something."""
    connections.close_all()
