"""Amounts as text, with their unit. `lib/format.js` writes them alike.

They are English unless `written` joins a number and its unit otherwise, as `unit_texts.py` does for readers.
"""

from __future__ import annotations

from collections.abc import Callable

Written = Callable[[str, str], str]
UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
BYTE_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")
CLIENTS = "clients"
"""The unit of alerts about many clients, and the only one that is a word."""

EXACT_BELOW = 10
"""Seconds below this many are told with a fraction: a clock that is wrong by 1.4 s is not wrong by 1 s."""


def with_unit(number: str, unit: str) -> str:
    if unit == CLIENTS and number == "1":
        return "1 client"
    return f"{number} {unit}" if unit else number


def amount(value: float | None, unit: str, written: Written = with_unit) -> str:
    """A value with about three digits and its unit: "97.1 %", "804 ms", "1 min 15 s"; a dash if it is not known."""
    if value is None:
        return "–"
    if unit == "s" and value >= EXACT_BELOW:
        return span(value, written)
    digits = 1 if unit == "%" or abs(value) < 100 else 0
    return written(f"{value:,.{digits}f}".removesuffix(".0"), unit)


def limit(value: float, unit: str, written: Written = with_unit) -> str:
    """A limit with all its digits and its unit: "80.75 %"; seconds in two units if these say all: "1 min 30 s"."""
    smaller = 3_600 if value >= 86_400 else 60 if value >= 3_600 else 1
    is_whole = unit == "s" and value >= 0 and value % smaller == 0
    return span(value, written) if is_whole else written(exact(value), unit)


def exact(value: float) -> str:
    """A number with all its digits; those by which a fraction in binary misses it are left out."""
    return f"{value:,.13g}"


def span(seconds: float, written: Written = with_unit) -> str:
    """A duration in its two largest units: "2 h 5 min"."""
    whole = max(0, int(seconds))
    largest = next((index for index, (unit, _) in enumerate(UNITS) if whole >= unit), len(UNITS) - 1)
    parts: list[str] = []
    for unit, name in UNITS[largest : largest + 2]:
        number, whole = divmod(whole, unit)
        parts += [written(str(number), name)] if number or not parts else []
    return " ".join(parts)


def scaled_bytes(value: float) -> tuple[float, str]:
    """Bytes in the unit that fits, each 1024 of the one before: 51 200 are 50.0 and "KB"."""
    units = iter(BYTE_UNITS)
    unit = next(units)
    while abs(value) >= 1023.5 and unit != BYTE_UNITS[-1]:
        value, unit = value / 1024, next(units)
    return value, unit
