"""`manage.py migrate`; other processes that migrate the same database wait for it."""

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as MigrateCommand

from avatar_site.supervisor.start_lock import database_lock


class Command(MigrateCommand):
    stealth_options = ("say",)

    def handle(self, *arguments: Any, **options: Any) -> None:
        say = options.pop("say", None) or self.stdout.write
        with database_lock(say, settings.DATA_DIR, options["database"]):
            super().handle(*arguments, **options)
