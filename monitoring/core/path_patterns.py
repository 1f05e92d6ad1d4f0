"""The path of a consumer without what differs from client to client, so that there are few of them."""

from __future__ import annotations

import re
from functools import lru_cache

ANY = "*"
OTHER_PATHS = "other"
MOST_PATTERNS = 50
LONGEST_PATTERN = 200

VARIES = re.compile(
    r"\d+"
    r"|[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}"
    r"|(?=.*\d)[0-9a-f]{6,}"
    r"|(?=.*\d)(?=.*[a-z])[\w.~+=-]{16,}"
    r"|.{40,}",
    re.IGNORECASE,
)
"""A segment that names one thing of many: a number, a UUID, hexadecimal digits, or a long random text."""


@lru_cache(maxsize=4096)
def path_pattern(path: str) -> str:
    """The path with `*` for each segment that varies: `/ws/rooms/42/` becomes `/ws/rooms/*/`."""
    return "/".join(ANY if VARIES.fullmatch(part) else part for part in path.split("/"))[:LONGEST_PATTERN]


class PathPatterns:
    """The patterns that one node has seen; beyond the first fifty all are `other`."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def of(self, path: str) -> str:
        pattern = path_pattern(path)
        if pattern not in self._known:
            if len(self._known) >= MOST_PATTERNS:
                return OTHER_PATHS
            self._known.add(pattern)
        return pattern
