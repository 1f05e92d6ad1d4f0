"""`manage.py runserver`: daphne's, because Django's own knows no WebSockets, and its pages would wait in vain."""

from typing import Any

from daphne.management.commands.runserver import Command as WithWebSockets

from avatar_site.supervisor import preparation
from monitoring.command_lines import manage
from monitoring.management.shared_options import WithExamples

EXAMPLES = """examples:
  python manage.py runserver        # http://127.0.0.1:8000/
  python manage.py runserver 8080
"""


class Command(WithExamples, WithWebSockets):
    examples = EXAMPLES
    tells_infos = True
    help = "Serves the pages and WebSockets, and restarts when code changes. It stores no history."

    def inner_run(self, *args: Any, **options: Any) -> None:
        preparation.collect_static_files(self.stdout.write)
        self.stdout.write(f"Live pages only, nothing is stored. The whole site: {manage('start_avatar_web_server')}")
        super().inner_run(*args, **options)
