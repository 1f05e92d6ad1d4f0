"""`manage.py migrate`; other processes that migrate the same database wait for it."""

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as MigrateCommand

from avatar_site.supervisor.start_lock import database_lock
from monitoring.management.shared_options import WithExamples

EXAMPLES = """examples:
  python manage.py migrate
  python manage.py migrate --plan   # only say what would be done
"""


class Command(WithExamples, MigrateCommand):
    examples = EXAMPLES
    stealth_options = ("say",)

    def handle(self, *arguments: Any, **options: Any) -> None:
        say = options.pop("say", None) or self.stdout.write
        with database_lock(say, settings.DATA_DIR, options["database"]):
            super().handle(*arguments, **options)
