"""Measured values against their budgets; nothing here measures."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

AT_LEAST, AT_MOST = "at least", "at most"
_HOLDS = {AT_LEAST: operator.ge, AT_MOST: operator.le}
_SIGNS = {AT_LEAST: "≥", AT_MOST: "≤"}


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit, in the unit of the row that it belongs to."""

    limit: float
    direction: str

    def __str__(self) -> str:
        return f"{_SIGNS[self.direction]} {self.limit:g}"

    def is_met(self, value: float) -> bool:
        return bool(_HOLDS[self.direction](value, self.limit))


def at_least(limit: float) -> Budget:
    return Budget(limit, AT_LEAST)


def at_most(limit: float) -> Budget:
    return Budget(limit, AT_MOST)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result. `sides` are the parts of the value; without a budget the row is only shown."""

    key: str
    what: str
    value: float
    unit: str
    budget: Budget | None = None
    sides: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        return None if self.budget is None else self.budget.is_met(self.value)

    @property
    def verdict(self) -> str:
        return {True: "met", False: "NOT MET", None: "shown"}[self.met]

    def as_json(self) -> dict[str, Any]:
        """`value`, `unit`, `budget` (the limit or None), `met` (None without a budget) and `details`."""
        details: dict[str, Any] = {"what": self.what, "sides": dict(self.sides), **self.details}
        if self.budget is not None:
            details["budget_is"] = self.budget.direction
        return {
            "value": rounded(self.value),
            "unit": self.unit,
            "budget": None if self.budget is None else self.budget.limit,
            "met": self.met,
            "details": details,
        }


def rounded(value: float) -> float:
    """To four significant digits."""
    return float(f"{value:.4g}")
