"""Rows for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.benchmarks.budget import Row
from tests.benchmarks.machine import in_words


def line(row: Row) -> str:
    """A row as it is printed: its name, value, budget and verdict, and below it the sides."""
    budget = "" if row.budget is None else f"  budget {row.budget}"
    first = f"{row.key:<40} {row.value:>9.4g} {row.unit:<11}{budget:<16}  {row.verdict}"
    sides = "\n".join(f"    {name}: {side}" for name, side in row.sides.items())
    return f"{first}\n    {row.what}\n{sides}"


def summary(rows: Iterable[Row]) -> str:
    """How many budgets are met, and which are not."""
    judged = [row for row in rows if row.met is not None]
    missed = [row.key for row in judged if not row.met]
    return f"{len(judged) - len(missed)} of {len(judged)} budgets met" + (f"; not: {', '.join(missed)}" * bool(missed))


def head(machine: dict[str, Any]) -> str:
    """The machine, and a warning when others use it."""
    busy = machine["load_average_before"]
    warning = f"\nThe machine is busy (load {busy:.1f}): figures are worth less." if busy > 0.5 else ""
    return in_words(machine) + warning


def as_json(rows: Iterable[Row], machine: dict[str, Any]) -> str:
    """An object with a member for each row, and `machine`."""
    return json.dumps({**{row.key: row.as_json() for row in rows}, "machine": machine}, indent=2, ensure_ascii=False)
