"""What the searches for stored alerts and sessions have in common: the chosen values, a text, and a period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from monitoring.history.search_reader import stamp_of


@dataclass(frozen=True, slots=True)
class StoredSearch:
    """What was asked for: a row matches every field that was given, and one of the values of each.

    `range_name` is one of RANGES, empty for other periods; `start` and `end` (exclusive) are then relative to now.
    What could not be understood is left out and named in `problems`: the parameter, its value and what is allowed.
    """

    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    text: str = ""
    range_name: str = ""
    start: datetime | None = None
    end: datetime | None = None
    problems: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_empty(self) -> bool:
        return self == type(self)()

    @property
    def switches(self) -> Sequence[tuple[str, str]]:
        """Further parameters and their values, empty for what was not asked for."""
        return ()

    def values(self, name: str) -> tuple[str, ...]:
        return dict(self.chosen).get(name, ())

    def with_values(self, name: str, values: Iterable[str]) -> Self:
        """The same search with other values of one field."""
        others = [(each, known) for each, known in self.chosen if each != name]
        given = tuple(values)
        return replace(self, chosen=tuple([*others, (name, given)] if given else others))

    def toggled(self, name: str, value: str) -> Self:
        """The same search with one value more, or without it if it has it."""
        had = self.values(name)
        return self.with_values(name, [one for one in had if one != value] if value in had else [*had, value])

    def toggled_range(self, name: str) -> Self:
        """The same search in the range of this name, of which only the name is known; or at any time if it has it."""
        return replace(self, start=None, end=None, range_name="" if self.range_name == name else name)

    @property
    def query(self) -> str:
        """The query string that asks for this again, without the question mark."""
        return self.query_with()

    def query_with(self, **more: str) -> str:
        """The same with further parameters; empty ones are left out."""
        pairs = [(name, value) for name, values in self.chosen for value in values]
        pairs += [*self.switches, ("text", self.text), ("range", self.range_name)]
        if not self.range_name:
            pairs += [("from", stamp_of(self.start)), ("to", stamp_of(self.end))]
        return urlencode([(name, value) for name, value in (*pairs, *more.items()) if value], safe=":")
