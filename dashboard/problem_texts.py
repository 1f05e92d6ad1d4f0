"""What is wrong with a parameter, in the reader's language.

The readers of parameters say it in English, to programs too: "range=2h: must be one of 1h, 6h". What stands before the
colon stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_noop

from dashboard.languages import gettext
from monitoring.moments import ALLOWED

SENTENCES: Final = (
    (
        re.escape(f"must be {ALLOWED}"),
        gettext_noop(
            "must be now, a time ago such as -30m, -2h or -7d, or an ISO 8601 time such as 2026-11-23T14:00 "
            "(UTC unless it names another zone), in the years 1970 to 2999"
        ),
    ),
    (r"must be one of (?P<allowed>.+)", gettext_noop("must be one of %(allowed)s")),
    (r"must be given at most (?P<count>\d+) times", gettext_noop("must be given at most %(count)s times")),
    (r"must begin before its end", gettext_noop("must begin before its end")),
    (r"must begin before now", gettext_noop("must begin before now")),
    (r"must be at most 10 years long", gettext_noop("must be at most 10 years long")),
    (
        r"must be at most 31 days; manage\.py backtest_alerts tries longer ones",
        gettext_noop("must be at most 31 days; manage.py backtest_alerts tries longer ones"),
    ),
    (r"needs from= as well", gettext_noop("needs from= as well")),
    (
        r"must be left out, (?P<rule>\S+) is about all nodes together",
        gettext_noop("must be left out, %(rule)s is about all nodes together"),
    ),
    (
        r"must be the name of a node, such as those of this range: (?P<names>.+)",
        gettext_noop("must be the name of a node, such as those of this range: %(names)s"),
    ),
    (
        r"must be the name of a node; this range has none",
        gettext_noop("must be the name of a node; this range has none"),
    ),
    (
        r"must be at most (?P<count>\d+) characters, none of them NUL or half of a surrogate pair",
        gettext_noop("must be at most %(count)s characters, none of them NUL or half of a surrogate pair"),
    ),
    (r"must be a page number, from 1", gettext_noop("must be a page number, from 1")),
    (
        r"must be a time and a number, as in the page's own links",
        gettext_noop("must be a time and a number, as in the page's own links"),
    ),
    (r"must be the number of an alert", gettext_noop("must be the number of an alert")),
    (r"must be a number from (?P<low>\S+) to (?P<high>\S+)", gettext_noop("must be a number from %(low)s to %(high)s")),
    (r"must be at most the threshold, (?P<limit>\S+)", gettext_noop("must be at most the threshold, %(limit)s")),
    (r"must be at least the threshold, (?P<limit>\S+)", gettext_noop("must be at least the threshold, %(limit)s")),
    (
        r"must be 0 to less than 100, a share of clients in percent",
        gettext_noop("must be 0 to less than 100, a share of clients in percent"),
    ),
    (r"must be (?P<low>-?[\d.e+]+) to (?P<high>[\d.e+]+) s", gettext_noop("must be %(low)s to %(high)s s")),
    (r"must be (?P<low>-?[\d.e+]+) to (?P<high>[\d.e+]+)", gettext_noop("must be %(low)s to %(high)s")),
    (r"must not be empty", gettext_noop("must not be empty")),
)
"""What the readers say after the colon, as patterns, and as texts."""


def problem_text(problem: str) -> str:
    """In the reader's language, as far as there are words for it."""
    # What stands before may hold any character, and a sentence may hold a colon too.
    found_at = max(problem.rfind(": must "), problem.rfind(": needs "))
    what, sentence = problem[:found_at], problem[found_at + 2 :]
    said = _said(SENTENCES, sentence)
    return f"{what}: {said}" if said else problem


REFUSALS: Final = (
    (r"This needs the permission (?P<name>\S+)", gettext_noop("This needs the permission %(name)s")),
    (
        r"The user model (?P<name>\S+) has no permissions: give it django\.contrib\.auth\.models\.PermissionsMixin",
        gettext_noop("The user model %(name)s has no permissions: give it django.contrib.auth.models.PermissionsMixin"),
    ),
)
"""What `monitoring.access.lacks` says."""


def refusal_text(reason: str) -> str:
    """Why somebody may not, in the reader's language."""
    return _said(REFUSALS, reason) or reason


def _said(sentences: Iterable[tuple[str, str]], sentence: str) -> str | None:
    for pattern, text in sentences:
        if found := re.fullmatch(pattern, sentence):
            return gettext(text) % found.groupdict()
    return None
