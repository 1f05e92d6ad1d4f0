"""The words that rows have for states, kinds and endings, in the reader's language; what programs read is English."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext, gettext_noop

WORDS: Final = frozenset({
    # Severities, states of alerts, and what people did about them
    gettext_noop("critical"), gettext_noop("warning"), gettext_noop("info"),
    gettext_noop("firing"), gettext_noop("resolved"), gettext_noop("unknown"),
    gettext_noop("acknowledged"), gettext_noop("unacknowledged"), gettext_noop("commented"),
    gettext_noop("silenced"), gettext_noop("worse"), gettext_noop("expired"),
    # Notices, channels and silences
    gettext_noop("sent"), gettext_noop("waiting"), gettext_noop("given up"), gettext_noop("repeated"),
    gettext_noop("escalated"), gettext_noop("test"), gettext_noop("failed"), gettext_noop("on"), gettext_noop("off"),
    gettext_noop("active"), gettext_noop("over"),
    # Rules
    gettext_noop("in force"), gettext_noop("disabled"), gettext_noop("replaces"), gettext_noop("replaced"),
    gettext_noop("switches off"), gettext_noop("switched off"), gettext_noop("switched on"),
    gettext_noop("above"), gettext_noop("below"), gettext_noop("host"), gettext_noop("node"), gettext_noop("fleet"),
    gettext_noop("client"), gettext_noop("client_group"), gettext_noop("resolve"), gettext_noop("keep"),
    gettext_noop("fire"), gettext_noop("no data"), gettext_noop("error"),
    # Sessions, disconnections, and why alerts ended
    gettext_noop("open"), gettext_noop("closed"), gettext_noop("disconnected"), gettext_noop("not connected"),
    gettext_noop("not closed"), gettext_noop("no answer"), gettext_noop("client closed"),
    gettext_noop("connection lost"), gettext_noop("server closed"), gettext_noop("application failed"),
    gettext_noop("name in use"), gettext_noop("not told"), gettext_noop("server stopped"), gettext_noop("node gone"),
    gettext_noop("client gone"), gettext_noop("not measured"), gettext_noop("grouped"), gettext_noop("by hand"),
    gettext_noop("rule changed"), gettext_noop("monitoring off"), gettext_noop("channel removed"),
    # Tokens of screens
    gettext_noop("revoked"), gettext_noop("in use"), gettext_noop("not used yet"), gettext_noop("not used in time"),
    # How often a silence repeats
    gettext_noop("once"), gettext_noop("every day"), gettext_noop("every week"),
})  # fmt: skip


def word(text: str) -> str:
    """A word of a row in the reader's language; one of a later release as it is."""
    return gettext(text) if text in WORDS else text


def alert_row(rule: str, subject: str, state: str) -> str:
    """What the row of an alert calls itself."""
    return gettext("%(rule)s of %(subject)s, %(state)s") % {"rule": rule, "subject": subject, "state": word(state)}
