"""Deletes what is stored about one client or one user."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandError, CommandParser

from monitoring.columns import MAX_TEXT
from monitoring.core.counted import counted
from monitoring.core.inputs import echo, plain_text
from monitoring.management.shared_options import CommandWithExamples
from monitoring.storage.forgetting import Forgotten, forget_client, forget_user

logger = logging.getLogger(__name__)

EXAMPLES = """examples:
  python manage.py forget_client ann --dry-run   # say what would be deleted
  python manage.py forget_client ann             # also its further connections: ann#2, ann#3 …
  python manage.py forget_client --user kim      # all sessions of a user
"""


class Command(CommandWithExamples):
    help = (
        "Deletes the stored sessions and alerts of a client or a user, and the client's name wherever else it stands. "
        "Sessions that are still open stay: disconnect the client first, wait a minute, and run this."
    )
    usage = "manage.py forget_client (CLIENT | --user USER) [--dry-run]"
    examples = EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("client", nargs="?", metavar="CLIENT", help="the id of a client")
        parser.add_argument("--user", metavar="USER", help="the name of a user, as the project names it")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")

    def handle(self, *, client: str | None, user: str | None, dry_run: bool, **options: Any) -> None:  # noqa: ARG002
        if (client is None) == (user is None):
            raise CommandError("either a CLIENT or --user USER must be given")
        forget: Callable[..., Forgotten] = forget_client if user is None else forget_user
        name = _checked(client if user is None else user, "CLIENT" if user is None else "--user")
        found = forget(name, dry_run=dry_run)
        whose = f"{'client' if user is None else 'user'} {echo(name, MAX_TEXT)}"
        self.stdout.write(f"{whose}: {'would delete' if dry_run else 'deleted'} {found}", self.style.SUCCESS)
        if found.still_open:
            are = "is still open and stays" if found.still_open == 1 else "are still open and stay"
            what = "disconnect the client, wait a minute, and run this again"
            self.stdout.write(f"{counted(found.still_open, 'session')} {are}: {what}", self.style.WARNING)
        if not dry_run:
            # Without the name: the log is one more place in which it would stand.
            logger.info("Forgot a %s: deleted %s", "client" if user is None else "user", found)


def _checked(name: str | None, option: str) -> str:
    try:
        return plain_text(name or "", MAX_TEXT, 1)
    except ValueError as error:
        raise CommandError(f"{option} {echo(name or '')}: must be {error}") from None
