"""Why a session ended, from how its connection did: the text that says how, the close code, and what was silent.

Everything here is pure. The texts are those that records and rows have had since before there were causes, so that rows
of older releases get their causes from the same table.
"""

from __future__ import annotations

from typing import Final

from monitoring.core.causes import Cause
from monitoring.core.records import NODE_GONE, SERVER_STOPPED
from monitoring.core.wire.link import FLOOD, PROTOCOL_ERROR, TOO_LONG, TOO_SLOW

CLIENT_CLOSED, CONNECTION_LOST = "client closed", "connection lost"
SERVER_CLOSED, APPLICATION_FAILED = "server closed", "application failed"
REPLACED, NAME_IN_USE = "replaced", "name in use"
DISCONNECTED = "disconnected"
"""An operator did it; more may follow."""

NOT_TOLD = "not told"
"""How a session ended under a server that cannot distinguish a close frame without a code from a broken connection."""

ABNORMAL = 1006
"""No close frame came (RFC 6455, 7.4.1)."""

CAUSES: Final = {
    CLIENT_CLOSED: Cause.CLIENT_CLOSED,
    CONNECTION_LOST: Cause.CLIENT_LOST,
    APPLICATION_FAILED: Cause.APPLICATION_ERROR,
    SERVER_STOPPED: Cause.SERVER_STOPPED,
    NODE_GONE: Cause.SERVER_KILLED,
    REPLACED: Cause.REPLACED,
    NAME_IN_USE: Cause.REFUSED,
    TOO_SLOW: Cause.SLOW_READER,
    FLOOD: Cause.REFUSED,
    TOO_LONG: Cause.REFUSED,
    PROTOCOL_ERROR: Cause.REFUSED,
    NOT_TOLD: Cause.UNKNOWN,
}
CAUSES_OF_CODES: Final = {
    # RFC 6455, 7.4.1, and the registry of the IANA for 1012 to 1014.
    1001: Cause.SERVER_STOPPED,
    1002: Cause.REFUSED,
    1003: Cause.REFUSED,
    1007: Cause.REFUSED,
    1008: Cause.NOT_ALLOWED,
    1009: Cause.REFUSED,
    1011: Cause.APPLICATION_ERROR,
    1012: Cause.SERVER_STOPPED,
    # 4000 plus the status that HTTP would have answered with, as graphql-ws and many projects have it, and this site.
    4400: Cause.REFUSED,
    4401: Cause.NOT_ALLOWED,
    4403: Cause.NOT_ALLOWED,
    4408: Cause.SLOW_READER,
    4409: Cause.REFUSED,
    4410: Cause.REPLACED,
    4413: Cause.REFUSED,
    4429: Cause.REFUSED,
    4012: Cause.SERVER_STOPPED,
}
"""What an application says by the code that it closes a connection with."""


def cause_of(ended: str, close_code: int | None) -> Cause:
    """Why a session ended of which this was recorded."""
    how, _, detail = ended.partition(":")
    if ended in CAUSES:
        # Older releases said that a client closed even if no close frame came.
        is_broken = ended == CLIENT_CLOSED and close_code == ABNORMAL
        return Cause.CLIENT_LOST if is_broken else CAUSES[ended]
    if how == CONNECTION_LOST and detail:
        return Cause.CLIENT_LOST
    if how.startswith(DISCONNECTED):
        return Cause.DISCONNECTED
    if close_code is None or not ended:
        return Cause.APPLICATION_CLOSED if how == SERVER_CLOSED else Cause.UNKNOWN
    return CAUSES_OF_CODES.get(close_code, Cause.APPLICATION_CLOSED)
