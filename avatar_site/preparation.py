"""What has to be true before the site's processes start. Every failure is an ImproperlyConfigured of one line."""

import secrets
import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connections
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from avatar_site import static_files
from avatar_site.start_lock import Say, database_lock, file_lock
from monitoring.conf import presentable
from monitoring.journal import may_evict

REDIS_SECONDS = 3.0


def check_data_directory(directory: Path) -> None:
    """Makes the directory where it is missing, and writes into it once."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(b"written")
    except OSError as error:
        raise ImproperlyConfigured(f"AVATAR_DATA_DIR={directory}: cannot be used ({error.strerror})") from error


def check_redis(url: str, say: Say) -> None:
    """Asks the server of REDIS_URL whether it does all that is needed, within three seconds each; warns of one that
    may delete history.
    """
    try:
        with Redis.from_url(
            url, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS, retry=Retry(NoBackoff(), 0)
        ) as client:
            client.ping()
            memory = client.info("memory")
            client.set("avatar:start", "1", ex=1)
    except (RedisError, ValueError) as error:
        raise ImproperlyConfigured(
            f"REDIS_URL={presentable(url)}: cannot be used ({presentable(str(error))})"
        ) from error
    if may_evict(memory):
        policy = memory["maxmemory_policy"]
        say(f"Warning: REDIS_URL: maxmemory-policy {policy} deletes history that is not stored; set it to noeviction")


def prepare_database(say: Say) -> None:
    """Brings the tables up to date, after whoever else is doing so; `say` gets a line when that takes time."""
    call_command("migrate", verbosity=0, interactive=False, say=say)


def collect_static_files(say: Say) -> None:
    """Collects them if they are not what was collected last; `say` gets a line where that is not possible."""
    manifest = getattr(staticfiles_storage, "manifest_name", None)
    if not manifest or static_files.are_current():
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
        say(f"Warning: the pages' scripts are older than their sources: {reason}")


def first_administrator(say: Say) -> str | None:
    """The new password of `admin`, created if nobody is staff yet and the name is free; else None."""
    with database_lock(say, settings.DATA_DIR):
        if User.objects.filter(is_staff=True).exists() or User.objects.filter(username="admin").exists():
            return None
        password = secrets.token_urlsafe(12)
        User.objects.create_superuser("admin", password=password)
        return password


def close_database() -> None:
    """This process needs it no more, and an idle connection may cost the database something."""
    connections.close_all()
