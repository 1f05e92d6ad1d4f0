"""What causes of leaving mean, and the colours of their bars, for pages and their scripts."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop

from dashboard.languages import gettext, in_page_language
from monitoring.cause_words import WORDS
from monitoring.core.causes import Cause

MEANINGS: Final = {
    Cause.CLIENT_CLOSED: gettext_noop("The client closed the connection: its tab was closed, or its program ended."),
    Cause.CLIENT_LOST: gettext_noop("The connection broke without a goodbye: it was reset, or nothing came any more."),
    Cause.NETWORK_CHANGED: gettext_noop("The connection broke, and the client came back from another address."),
    Cause.SLOW_READER: gettext_noop("The client did not read what it was sent, and was dropped."),
    Cause.REFUSED: gettext_noop("The client sent too much, a message that is too long, or no valid WebSocket frames."),
    Cause.NOT_ALLOWED: gettext_noop("The client may not be there: it is not signed in, or lacks a permission."),
    Cause.APPLICATION_ERROR: gettext_noop("The application raised an exception."),
    Cause.APPLICATION_CLOSED: gettext_noop("The application closed the connection."),
    Cause.DISCONNECTED: gettext_noop("An operator disconnected the client."),
    Cause.SERVER_STOPPED: gettext_noop("The server was stopped."),
    Cause.SERVER_KILLED: gettext_noop("The server was no longer heard: it was killed, or its host went away."),
    Cause.PROXY_TIMEOUT: gettext_noop("Nothing was sent for as long as a proxy waits, and then the connection broke."),
    Cause.REPLACED: gettext_noop("The same client connected again."),
    Cause.UNKNOWN: gettext_noop("Nobody could tell why."),
}
COLORS: Final = {
    Cause.CLIENT_CLOSED: "--stack-1",
    Cause.CLIENT_LOST: "--stack-3",
    Cause.NETWORK_CHANGED: "--stack-4",
    Cause.SLOW_READER: "--stack-5",
    Cause.REFUSED: "--stack-6",
    Cause.NOT_ALLOWED: "--stack-7",
    Cause.APPLICATION_ERROR: "--stack-8",
    Cause.APPLICATION_CLOSED: "--stack-2",
    Cause.DISCONNECTED: "--stack-9",
    Cause.SERVER_STOPPED: "--stack-10",
    Cause.SERVER_KILLED: "--stack-11",
    Cause.PROXY_TIMEOUT: "--stack-12",
    Cause.REPLACED: "--stack-13",
    Cause.UNKNOWN: "--stack-14",
}
"""Names of colours in css/tokens.css."""


def cause_text(cause: str) -> str:
    """A cause in the reader's language; one that a later release counts as it is, and none as an empty text."""
    words = WORDS.get(cause)  # type: ignore[call-overload]  # a cause is a text
    with in_page_language():
        return str(words) if words else cause


def cause_meaning(cause: str) -> str:
    """What a cause means, as a sentence; empty for an unknown one."""
    meaning = MEANINGS.get(cause)  # type: ignore[call-overload]  # a cause is a text
    return gettext(meaning) if meaning else ""


def cause_color(cause: str) -> str:
    """The name of its colour."""
    color: str = COLORS.get(cause, COLORS[Cause.UNKNOWN])  # type: ignore[call-overload]  # a cause is a text
    return color
