"""Data of another release that this one cannot read; logged once, however often it comes."""

from __future__ import annotations

import logging
from collections import OrderedDict

MOST_REMEMBERED = 1_000


class OtherFormatError(ValueError):
    """Something that another release of this program wrote, in a format that this one does not know."""


class SaidOnce:
    """Warnings about what peers send or have stored: one line per peer and kind, whatever else comes from it.

    Once, and not once a minute as failures are (`rescue`): another release sends the same as long as it runs, and only
    an upgrade ends that.

    It remembers a thousand pairs; beyond that, the pair that was seen longest ago may be logged again.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._said: OrderedDict[tuple[str, str], None] = OrderedDict()

    def warn(self, kind: str, peer: str, text: str) -> None:
        """Logs one line that begins with kind and peer; `text` says what cannot be read, and what becomes of it."""
        key = kind, peer
        is_new = key not in self._said
        self._said[key] = None
        self._said.move_to_end(key)
        if len(self._said) > MOST_REMEMBERED:
            self._said.popitem(last=False)
        if is_new:
            self._logger.warning("%s of %s: %s; this is logged once", kind, peer, text)
