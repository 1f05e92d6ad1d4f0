"""Paths of consumers without the parts that differ from client to client, so that counts by path stay few."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from sys import intern

MOST_PATTERNS = 50
"""A node tells so many paths apart."""

OTHER_PATHS = "other"
"""What all further paths are called. No path is called that, for paths begin with a slash."""

LONGEST_PATTERN = 200
ANY = "*"
LONGEST_WORD = 40
HEX = re.compile(r"[0-9a-fA-F]{6,}")
UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
NUMBER = re.compile(r"[-+]?\d+([.,_-]\d+)*")
RANDOM_LENGTH, RANDOM_DIGITS, MIXED = 12, 2, 4
"""A segment of so many characters with so many digits, which changes so often between digits, capitals and small
letters, is no word that a person chose. `2026-autumn-room12` changes twice."""


class PathPatterns:
    """The patterns of one node: the first fifty that it meets; all later ones are `other`."""

    def __init__(self, most: int = MOST_PATTERNS) -> None:
        self._most = most
        self._known: set[str] = set()

    def of(self, path: str) -> str:
        pattern = path_pattern(path)
        if pattern not in self._known:
            if len(self._known) >= self._most:
                return OTHER_PATHS
            self._known.add(pattern)
        return pattern


@lru_cache(maxsize=1024)
def path_pattern(path: str) -> str:
    """The path with `*` for each segment that is a number, a UUID, hex or a long random text: `/ws/rooms/42/` becomes
    `/ws/rooms/*/`.

    It has no spaces and no control characters, and at most 200 characters.
    """
    segments = ["" if not segment else _segment(segment) for segment in path[: 4 * LONGEST_PATTERN].split("/")]
    pattern = "/".join(segments)
    return intern(pattern if len(pattern) <= LONGEST_PATTERN else pattern[: LONGEST_PATTERN - 1] + ANY)


def _segment(text: str) -> str:
    if not text.isprintable() or " " in text or len(text) > LONGEST_WORD:
        return ANY
    if NUMBER.fullmatch(text) or UUID.fullmatch(text):
        return ANY
    digits = sum(character.isdigit() for character in text)
    if HEX.fullmatch(text) and digits:
        return ANY
    has_letters = any(character.isalpha() for character in text)
    if len(text) >= RANDOM_LENGTH and digits >= RANDOM_DIGITS and has_letters and _is_mixed(text):
        return ANY
    return text


def _is_mixed(text: str) -> bool:
    """Whether digits, capitals and small letters follow each other as in random texts and tokens."""
    kinds = [("d" if one.isdigit() else "u" if one.isupper() else "l") for one in text if one.isalnum()]
    return sum(before != after for before, after in pairwise(kinds)) >= MIXED
