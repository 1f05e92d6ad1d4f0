"""`manage.py runserver`: daphne's, because Django's own knows no WebSockets, and its pages would wait in vain."""

from typing import Any

from daphne.management.commands.runserver import Command as WithWebSockets

from avatar_site.supervisor import preparation
from monitoring.command_lines import manage


class Command(WithWebSockets):
    help = "Serves the pages and WebSockets, and restarts when code changes. It stores no history."

    def inner_run(self, *args: Any, **options: Any) -> None:
        preparation.collect_static_files(self.stdout.write)
        self.stdout.write(f"Live pages only, nothing is stored. The whole site: {manage('start_avatar_web_server')}")
        super().inner_run(*args, **options)
