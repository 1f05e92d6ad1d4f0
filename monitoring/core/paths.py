"""Which of a project's WebSockets are meant, by their paths."""

from __future__ import annotations

from collections.abc import Iterable

ALL_BELOW = "*"


class Paths:
    """Paths as a project's URLs have them, without the script prefix; one that ends in `*` means all that begin so."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        given = (paths,) if isinstance(paths, str) else tuple(paths)
        self._exact = frozenset(path for path in given if not path.endswith(ALL_BELOW))
        self._beginnings = tuple(path.removesuffix(ALL_BELOW) for path in given if path.endswith(ALL_BELOW))

    def __contains__(self, path: object) -> bool:
        return path in self._exact or (bool(self._beginnings) and str(path).startswith(self._beginnings))

    def __bool__(self) -> bool:
        return bool(self._exact or self._beginnings)
