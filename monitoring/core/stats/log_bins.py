"""The logarithmic bins of a sketch, as in Masson, Rim and Lee, "DDSketch" (VLDB 2019).

Bin i holds (g**(i-1), g**i] with g = (1 + a) / (1 - a), and is reported as its centre, which is within the share `a` of
every value in it.
"""

from __future__ import annotations

import math
from functools import cache

RELATIVE_ERROR = 0.01
_GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_PER_BIN = 1 / math.log(_GAMMA)
_CENTRE = 2 / (1 + _GAMMA)

SMALLEST = 1e-3
"""Anything at or below this counts as zero; in milliseconds that is a microsecond."""

LARGEST = 1e300

FIRST_BIN = math.floor(math.log(SMALLEST) * _PER_BIN) - 1
"""The bin of values that count as zero."""

LAST_BIN = math.ceil(math.log(LARGEST) * _PER_BIN)
"""The bin of the largest value that a sketch supports."""


def bin_of(value: float) -> int:
    return math.ceil(math.log(value) * _PER_BIN) if value > SMALLEST else FIRST_BIN


@cache
def centre(index: int) -> float:
    """The value that a bin stands for."""
    return 0.0 if index == FIRST_BIN else math.exp(index / _PER_BIN) * _CENTRE
