"""Verdicts in words, and the colours of their bars. `lib/verdicts.js` says the same of clients in frames."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop

from dashboard.languages import gettext
from monitoring.core.verdicts import Verdict

WORDS: Final = {
    Verdict.FINE: gettext_noop("fine"),
    Verdict.NETWORK: gettext_noop("slow network"),
    Verdict.NOT_READING: gettext_noop("does not read"),
    Verdict.CLIENT_BUSY: gettext_noop("page is busy"),
    Verdict.SERVER_LOOP: gettext_noop("server busy"),
    Verdict.SERVER_HANDLER: gettext_noop("slow handler"),
    Verdict.HIDDEN: gettext_noop("tab hidden"),
    Verdict.UNKNOWN: gettext_noop("not known"),
}
MEANINGS: Final = {
    Verdict.FINE: gettext_noop("Nothing is slow."),
    Verdict.NETWORK: gettext_noop("The way to the client is slow or loses data."),
    Verdict.NOT_READING: gettext_noop("The client does not read what it is sent."),
    Verdict.CLIENT_BUSY: gettext_noop("The client's main thread or its GPU is slow."),
    Verdict.SERVER_LOOP: gettext_noop("Something holds up the server's event loop."),
    Verdict.SERVER_HANDLER: gettext_noop("The consumer takes long for the client's messages."),
    Verdict.HIDDEN: gettext_noop("The client's tab is hidden, so it does not draw."),
    Verdict.UNKNOWN: gettext_noop("Too little was measured to say."),
}
COLORS: Final = {
    Verdict.FINE: "--stack-2",
    Verdict.NETWORK: "--stack-3",
    Verdict.NOT_READING: "--stack-5",
    Verdict.CLIENT_BUSY: "--stack-6",
    Verdict.SERVER_LOOP: "--stack-8",
    Verdict.SERVER_HANDLER: "--stack-11",
    Verdict.HIDDEN: "--stack-1",
    Verdict.UNKNOWN: "--stack-14",
}
"""Names of colours in css/tokens.css."""


def verdict_text(verdict: str) -> str:
    """A verdict in the reader's language; one that a later release counts as it is."""
    words = WORDS.get(verdict)  # type: ignore[call-overload]  # a verdict is a text
    return gettext(words) if words else verdict


def verdict_meaning(verdict: str) -> str:
    """What a verdict means, as a sentence; empty for an unknown one."""
    meaning = MEANINGS.get(verdict)  # type: ignore[call-overload]  # a verdict is a text
    return gettext(meaning) if meaning else ""


def verdict_color(verdict: str) -> str:
    """The name of its colour."""
    color: str = COLORS.get(verdict, COLORS[Verdict.UNKNOWN])  # type: ignore[call-overload]  # a verdict is a text
    return color


def in_order(verdicts: list[str]) -> list[str]:
    """These verdicts in the order in which lists show them, those of a later release last."""
    known = [verdict.value for verdict in WORDS]
    return sorted(verdicts, key=lambda verdict: (known.index(verdict) if verdict in known else len(known), verdict))
