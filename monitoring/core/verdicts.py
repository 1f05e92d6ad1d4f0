"""Why a client is slow: the verdicts there are, and one with its evidence."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """What explains how a client is doing. The list is bounded: each is a label in /metrics and in stored minutes."""

    FINE = "fine"
    NETWORK = "network"
    NOT_READING = "not_reading"
    """The client does not read what it is sent."""
    CLIENT_BUSY = "client_busy"
    """Its main thread or its GPU is slow."""
    HIDDEN = "hidden"
    """Its tab is hidden, so it does not draw."""
    SERVER_LOOP = "server_loop"
    """Something holds up the server's event loop."""
    SERVER_HANDLER = "server_handler"
    """The consumer takes long for the client's messages."""
    UNKNOWN = "unknown"
    """Too little was measured to say."""


class Sureness(StrEnum):
    """How sure a verdict is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Judgement(msgspec.Struct, frozen=True):
    """A verdict and what speaks for it: the signals that decided, by name, as `ClientSignals` has them."""

    verdict: Verdict = Verdict.UNKNOWN
    sure: Sureness = Sureness.LOW
    evidence: dict[str, float] = {}
