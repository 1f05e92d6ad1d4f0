"""Asks that the outbox be sent as soon as the transaction is over that wrote into it."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)


def ask() -> None:
    return None
