"""Alternates the measured sides, so that disturbances of the machine affect them alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from math import comb
from statistics import median
from typing import TypeVar

Reading = TypeVar("Reading")
Rounds = Mapping[str, Sequence[float]]

UNLIKELY = 0.05


def interleaved(sides: Mapping[str, Callable[[], Reading]], rounds: int) -> dict[str, list[Reading]]:
    """The readings of each side, in the order of the rounds."""
    readings: dict[str, list[Reading]] = {name: [] for name in sides}
    for name in turns(list(sides), rounds):
        readings[name].append(sides[name]())
    return readings


async def interleaved_async(
    sides: Mapping[str, Callable[[], Awaitable[Reading]]], rounds: int
) -> dict[str, list[Reading]]:
    """The same for measurements that share an event loop."""
    readings: dict[str, list[Reading]] = {name: [] for name in sides}
    for name in turns(list(sides), rounds):
        readings[name].append(await sides[name]())
    return readings


def turns(names: Sequence[str], rounds: int) -> Iterator[str]:
    """Whose turn it is; every other round runs in reverse, so that drift cancels out."""
    for number in range(rounds):
        yield from names if number % 2 == 0 else reversed(names)


def ratio(readings: Rounds, above: str, below: str) -> float:
    """The ratio of two sides' medians."""
    return median(readings[above]) / median(readings[below])


def paired_ratio(readings: Rounds, above: str, below: str) -> float:
    """The median of each round's own ratio; for sides that differ by less than the machine varies between rounds."""
    return median(one / other for one, other in zip(readings[above], readings[below], strict=True))


def paired_difference(readings: Rounds, above: str, below: str) -> float:
    """The median of each round's own difference."""
    return median(one - other for one, other in zip(readings[above], readings[below], strict=True))


def interval_of_median(values: Sequence[float]) -> tuple[float, float] | None:
    """The bounds between which the median of all such values lies with 95 % confidence, whatever their distribution.

    They are two of the values, as many places from either end as a fair coin makes unlikely (the sign test: Conover,
    "Practical Nonparametric Statistics", 3.2). None for fewer than six values, which cannot tell.
    """
    number, ordered = len(values), sorted(values)
    place, beyond = 0, 0.0
    while (beyond := beyond + comb(number, place) / 2**number) <= UNLIKELY / 2:
        place += 1
    return None if place == 0 else (ordered[place - 1], ordered[-place])


def difference_shown(readings: Rounds, above: str, below: str, unit: str) -> str:
    """The median of the rounds' differences with its bounds, and of how many rounds."""
    differences = [one - other for one, other in zip(readings[above], readings[below], strict=True)]
    bounds = interval_of_median(differences)
    within = "too few to say how sure" if bounds is None else f"95 % sure of {bounds[0]:.3g} to {bounds[1]:.3g}"
    return f"{median(differences):.3g} {unit} in {len(differences)} rounds, {within}"


def shown(readings: Rounds, unit: str, scale: float = 1.0) -> dict[str, str]:
    """Each side's median and range for a reader."""
    return {name: _shown([value * scale for value in values], unit) for name, values in readings.items()}


def _shown(values: Sequence[float], unit: str) -> str:
    middle = f"{median(values):.3g} {unit}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.3g}-{max(values):.3g})"
