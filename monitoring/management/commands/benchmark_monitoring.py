"""Measures the cost of monitoring against the usual alternatives."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from monitoring.management.shared_options import CommandWithExamples

HARNESS = "tests.benchmarks.command"
MISSING = "The benchmark needs the development requirements ({name} is missing): pip install -r requirements-dev.txt"
NO_CHECKOUT = "The benchmark is part of the repository, not of the installed application: run it in a checkout."

EXAMPLES = """examples:
  python manage.py benchmark_monitoring                       # all rows, in about twenty minutes
  python manage.py benchmark_monitoring --only tick --quick   # one row, less exact
  python manage.py benchmark_monitoring --json rows.json
"""


class Command(CommandWithExamples):
    examples = EXAMPLES
    help = "Measures the cost of monitoring against stock Channels, websockets and prometheus_client. Needs two cores."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", metavar="NAME", help="only this row, or all rows whose names begin with this")
        parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows to this file")
        parser.add_argument("--quick", action="store_true", help="takes about six minutes and is less exact")
        parser.add_argument(
            "--table", action="store_true", help="measure the table of docs/performance.md again instead"
        )

    def handle(self, *, only: str | None, json: Path | None, quick: bool, table: bool, **_: Any) -> None:
        harness = _harness()
        try:
            if table:
                harness.write_table(self.stdout.write, quick=quick)
            else:
                harness.measure(self.stdout.write, only=only, json=json, quick=quick)
        except harness.UnusableError as error:
            raise CommandError(str(error)) from error


def _harness() -> Any:
    """Looked up by name, because an installed application has no tests."""
    try:
        return import_module(HARNESS)
    except ModuleNotFoundError as error:
        missing = str(error.name)
        raise CommandError(NO_CHECKOUT if missing.startswith("tests") else MISSING.format(name=missing)) from error
