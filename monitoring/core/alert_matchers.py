"""Matchers of alerts, as silences and channels have them: a pattern for each of some of an alert's names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final, Generic, NamedTuple, TypeVar

from monitoring.core.inputs import echo, plain_text

MATCHER_NAMES: Final = ("rule", "metric", "severity", "host", "node", "client", "subject")
PLACES: Final = {name: place for place, name in enumerate(MATCHER_NAMES)}
LONGEST_PATTERN: Final = 255
ANY = "*"
"""What stands for any text in a pattern; no other sign has a meaning."""

MOST_KNOWN = 10_000
"""Alerts for which what is about them is kept."""

T = TypeVar("T")


class Parts(NamedTuple):
    """What a text begins with, contains in order and ends with; without an asterisk in its pattern it is `first`."""

    first: str
    between: Sequence[str] | None
    last: str


Comparisons = list[tuple[int, Parts]]
"""Patterns, each for the name at a place of MATCHER_NAMES."""


def matches(matchers: Mapping[str, str], names: Mapping[str, str]) -> bool:
    """Whether all patterns match an alert's names; no matchers match nothing.

    A name that the alert does not have, such as the client of a host's alert, is matched by no pattern, not even by *.
    """
    return bool(matchers) and all(_fits(_parts(pattern), names.get(name, "")) for name, pattern in matchers.items())


class MatcherIndex(Generic[T]):
    """Things with matchers, such as silences, and the alerts that they are about: many are compared with many.

    One that names an exact text is only compared with alerts that have it.
    """

    def __init__(self, things: Iterable[tuple[Mapping[str, str], T]]) -> None:
        self._by_text: defaultdict[tuple[int, str], list[tuple[Comparisons, T]]] = defaultdict(list)
        self._others: list[tuple[Comparisons, T]] = []
        self._known: dict[tuple[str, ...], list[T]] = {}
        for matchers, thing in things:
            if not matchers or not matchers.keys() <= PLACES.keys():
                continue  # they match nothing: the name is one of another release
            comparisons = [(PLACES[name], _parts(pattern)) for name, pattern in matchers.items()]
            # A subject tells more apart than a rule.
            comparisons.sort(reverse=True, key=lambda one: one[0])
            exact = next(((place, parts.first) for place, parts in comparisons if parts.between is None), None)
            (self._others if exact is None else self._by_text[exact]).append((comparisons, thing))

    def __bool__(self) -> bool:
        return bool(self._by_text or self._others)

    def about(self, names: Mapping[str, str]) -> list[T]:
        """Those whose matchers match an alert's names."""
        texts = tuple(names.get(name, "") for name in MATCHER_NAMES)
        found = self._known.get(texts)
        if found is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            found = self._known[texts] = list(self._about(texts))
        return found

    def _about(self, texts: Sequence[str]) -> Iterator[T]:
        for comparisons, thing in chain(self._others, *(self._by_text.get(pair, ()) for pair in enumerate(texts))):
            for place, parts in comparisons:
                # Most differ in how they begin.
                if not texts[place].startswith(parts.first) or not _fits(parts, texts[place]):
                    break
            else:
                yield thing


def problems_of_matchers(matchers: object) -> list[str]:
    """What is wrong with them, one sentence each; there must be at least one matcher."""
    allowed = f"must be one or more of {', '.join(MATCHER_NAMES)}, each with a pattern such as web-*"
    if not isinstance(matchers, Mapping):
        return [f"matchers={echo(str(matchers))}: {allowed}"]
    if not matchers:
        return [f"matchers are missing: {allowed}"]
    return [problem for name, pattern in matchers.items() if (problem := _problem(str(name), pattern))]


def _problem(name: str, pattern: object) -> str | None:
    if name not in MATCHER_NAMES:
        return f"{echo(name)} is not a matcher; they are {', '.join(MATCHER_NAMES)}"
    try:
        if not isinstance(pattern, str):
            raise ValueError("a text")
        plain_text(pattern, LONGEST_PATTERN, shortest=1)
    except ValueError as error:
        return f"{name}={echo(str(pattern))}: must be {error}; * stands for any text"
    return None


def _fits(parts: Parts, text: str) -> bool:
    if not text:
        return False
    first, between, last = parts
    if between is None:
        return text == first
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    return not between or _contains_in_order(text[len(first) : len(text) - len(last)], between)


@lru_cache(maxsize=2_048)
def _parts(pattern: str) -> Parts:
    first, *others = pattern.split(ANY)
    return Parts(first, others[:-1], others[-1]) if others else Parts(first, None, "")


def _contains_in_order(text: str, parts: Iterable[str]) -> bool:
    """Takes each part where it comes first, so that the time is linear however many there are."""
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True
