"""Why a session ended: the causes there are."""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """Why a session ended. The list is bounded: each is a label in /metrics and in stored minutes."""

    CLIENT_CLOSED = "client_closed"
    """The client sent a close frame: its tab was closed or went to another page, or its program said goodbye."""
    CLIENT_LOST = "client_lost"
    """The connection broke without a close frame: it was reset, it timed out, or its end just came."""
    NETWORK_CHANGED = "network_changed"
    """The connection broke, and the client came back from another address."""
    SLOW_READER = "slow_reader"
    """It was dropped because it did not read what it was sent."""
    REFUSED = "refused"
    """It broke a limit or the protocol: too many messages, too long ones, or frames that are none."""
    NOT_ALLOWED = "not_allowed"
    """It was told to go because it may not be there (4401, 4403, policy violation)."""
    APPLICATION_ERROR = "application_error"
    """The application raised an exception."""
    APPLICATION_CLOSED = "application_closed"
    """The application closed the connection."""
    DISCONNECTED = "disconnected"
    """An operator disconnected the client."""
    SERVER_STOPPED = "server_stopped"
    SERVER_KILLED = "server_killed"
    """Its node was no longer heard."""
    PROXY_TIMEOUT = "proxy_timeout"
    """Nothing was sent for as long as proxies wait, and then the connection broke."""
    REPLACED = "replaced"
    """The same client connected again."""
    UNKNOWN = "unknown"
