"""What `manage.py benchmark_monitoring` runs."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from tests.benchmarks import machine, report, suite, table
from tests.benchmarks.arena import arena

Write = Callable[[str], object]
UnusableError = machine.UnusableError

for module in ("uvicorn", "prometheus_client"):
    # Only some processes use them, but a missing one must be reported before the first minutes have passed.
    import_module(module)


def measure(write: Write, *, only: str | None, json: Path | None, quick: bool) -> None:
    """Prints each row when it is measured. Raises UnusableError."""
    keys = suite.chosen(only)
    described = machine.describe()
    write(report.head(described))
    rows = []
    with arena(quick=quick) as place:
        for row in suite.run(place, keys):
            rows.append(row)
            write(report.line(row))
    write(report.summary(rows))
    if json is not None:
        json.write_text(report.as_json(rows, described) + "\n")


def write_table(write: Write, *, quick: bool) -> None:
    """Measures the table of docs/performance.md and writes it there. Raises UnusableError."""
    described = machine.describe()
    write(report.head(described))
    # A page without room for the table is an error now, not after ten minutes.
    table.renewed(table.PAGE.read_text(), "")
    scales = []
    with arena(quick=quick) as place:
        for scale in table.measured(place):
            scales.append(scale)
            write(str(scale))
    table.PAGE.write_text(table.renewed(table.PAGE.read_text(), table.rendered(scales, described)))
    write(f"written to {table.PAGE}")
