"""In which order the files of a run begin: `make test` runs four at once, and each file in one process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import pytest

WAITING_ROOMS = ("adoption", "e2e", "integration", "packaging", "upgrade")
PROCESSES = {"running_site", "Site", "Stack", "subprocess"}
"""A module that has one of these names starts processes, and waits for them."""

T = TypeVar("T")


def in_running_order(tests: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The same tests, those of a file together and in their order.

    pytest-django has the files that need a database first, which would leave the real processes to the end: there the
    machine idles while it waits, and one long file keeps all others waiting.
    """
    files: dict[str, list[pytest.Item]] = {}
    for test in tests:
        files.setdefault(test.nodeid.partition("::")[0], []).append(test)
    waiting, computing = [], []
    for file, own in files.items():
        names = vars(own[0].getparent(pytest.Module).obj)  # type: ignore[union-attr]
        (waiting if waits(file, names) else computing).append(own)
    return [test for own in spread(waiting, computing) for test in own]


def waits(file: str, names: Mapping[str, object]) -> bool:
    room = file.split("/")[1]
    return room in WAITING_ROOMS or not names.keys().isdisjoint(PROCESSES)


def spread(early: Sequence[T], others: Sequence[T]) -> list[T]:
    """`early` in its order, after each its share of `others`; what remains of them comes last."""
    share = len(others) // (len(early) + 1)
    found: list[T] = []
    for number, one in enumerate(early):
        found += [one, *others[number * share : (number + 1) * share]]
    return [*found, *others[len(early) * share :]]
