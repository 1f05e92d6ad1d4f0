"""What is wrong with a parameter or a field, in the reader's language.

The readers of parameters say it in English, to programs too: "range=2h: must be one of 1h, 6h". What stands before the
colon stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, reduce
from typing import Final

from django.utils.translation import gettext, gettext_noop

SENTENCES: Final = (
    gettext_noop(
        "must be now, a time ago such as -30m, -2h or -7d, or an ISO 8601 time such as "
        "2026-11-23T14:00 (UTC unless it names another zone), in the years 1970 to 2999"
    ),
    gettext_noop("must be one of %(allowed)s"),
    gettext_noop("must be left out, this page knows %(allowed)s"),
    gettext_noop("must be given at most %(count)s times"),
    gettext_noop("must begin before its end"),
    gettext_noop("must begin before now"),
    gettext_noop("must be at most 10 years long"),
    gettext_noop("must be at most 31 days; manage.py backtest_alerts tries longer ones"),
    gettext_noop("needs from= as well"),
    gettext_noop("needs to= as well"),
    gettext_noop("must be a moment such as %(example)s"),
    gettext_noop("must be left out, %(rule)s is about all nodes together"),
    gettext_noop("must be the name of a node, such as those of this range: %(names)s"),
    gettext_noop("must be the name of a node; this range has none"),
    gettext_noop("must be at most %(count)s characters, none of them NUL or half of a surrogate pair"),
    gettext_noop("must be a page number, from 1"),
    gettext_noop("must be a time and a number, as in the page's own links"),
    gettext_noop("must be the number of an alert"),
    gettext_noop("must be a number from %(low)s to %(high)s"),
    gettext_noop("must be at most the threshold, %(limit)s"),
    gettext_noop("must be at least the threshold, %(limit)s"),
    gettext_noop("must be 0 to less than 100, a share of clients in percent"),
    gettext_noop("must be %(low)s to %(high)s s"),
    gettext_noop("must be %(low)s to %(high)s"),
    gettext_noop("must be 1 to 64 small letters, digits and underscores, a letter first"),
    gettext_noop("must be %(allowed)s for %(name)s"),
    gettext_noop("must be resolve or keep in a rule about single clients, which may measure nothing"),
    gettext_noop("must be left out for %(name)s; %(allowed)s may have it"),
    gettext_noop("must be left out in a rule about single clients"),
    gettext_noop("must be above 0%(unit)s"),
    gettext_noop("must be at most %(count)s characters"),
    gettext_noop("may have {value}, such as {value:.1f}, and {subject}; no other braces"),
    gettext_noop("must be an address that begins with https:// or http://"),
    gettext_noop("is the name of a built-in rule, whose metric is %(metric)s and whose scope %(scope)s"),
    gettext_noop("is the name of another metric"),
    gettext_noop("must say where the screen is"),
    gettext_noop("must be a day of that month"),
    gettext_noop("must be %(allowed)s"),
    gettext_noop("the parameters are %(names)s"),
    gettext_noop("must be %(low)s to %(high)s characters, none of them NUL or half of a surrogate pair"),
    gettext_noop(
        "must be %(low)s to %(high)s characters, none of them NUL or half of a surrogate pair; * stands for any text"
    ),
    gettext_noop("must be one or more of %(names)s, each with a pattern such as web-*"),
    gettext_noop("must be empty, daily or weekly"),
    gettext_noop("must be within %(count)s days"),
    gettext_noop("must be after its start, %(start)s, by at most %(count)s days"),
    gettext_noop("must be after its start, %(start)s, by at most 1 day less a minute"),
    gettext_noop("must be after its start, %(start)s, by at most %(count)s days less a minute"),
    gettext_noop("must be in the future"),
    gettext_noop("a silence has an end"),
    gettext_noop("there are %(count)s silences already: end those that nobody needs"),
    gettext_noop("must not be empty"),
    gettext_noop("Cannot read the journal because Redis does not answer"),
    gettext_noop("Could not read the journal within %(count)s s"),
    gettext_noop("The setting REDIS_URL is missing: there is no journal"),
    gettext_noop("Cannot find the journal: %(reason)s"),
)
"""What the readers say after the colon, the first that fits."""

WORD: Final = r"\S+"
VALUES: Final = {
    "allowed": ".+", "names": ".+", "unit": ".*", "count": r"\d+", "low": r"[-\d.e+]+", "high": r"[-\d.e+]+",
    "reason": ".+",
}  # fmt: skip
"""What may stand in a place of a sentence, as patterns; in others one word."""

CHOICES: Final = {"must be %(allowed)s for %(name)s": r"\S+(?: or \S+)*", "must be %(allowed)s": r"\S+(?: or \S+)+"}
"""Sentences with little else: what is allowed there are single words."""

BEGINNINGS: Final = ("must", "needs", "may", "is", "the parameters", "a silence")


def problem_words(problem: str) -> str:
    """In the reader's language, as far as there are words for it."""
    if whole := _said(SENTENCES, problem):
        return whole
    # What stands before may hold any character, and a sentence may hold a colon too.
    found_at = max(problem.rfind(f": {begin} ") for begin in BEGINNINGS)
    what, sentence = problem[:found_at], problem[found_at + 2 :]
    said = _said(SENTENCES, sentence)
    return f"{what}: {said}" if said else problem


REFUSALS: Final = (
    gettext_noop("This needs the permission %(name)s"),
    gettext_noop("The user model %(name)s has no permissions: give it django.contrib.auth.models.PermissionsMixin"),
)
"""What `monitoring.access.lacks` says."""


def refusal_words(reason: str) -> str:
    """Why somebody may not, in the reader's language."""
    return _said(REFUSALS, reason) or reason


def _said(sentences: Iterable[str], sentence: str) -> str | None:
    for text in sentences:
        if found := _pattern(text).fullmatch(sentence):
            return gettext(text) % {name: _listed(value) for name, value in found.groupdict().items()}
    return None


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """What a reader writes by this text."""
    values = VALUES | ({"allowed": CHOICES[text]} if text in CHOICES else {})
    parts = re.split(r"%\((\w+)\)s", text)
    # Every second one is the name of a place.
    parts[::2] = map(re.escape, parts[::2])
    parts[1::2] = [f"(?P<{name}>{values.get(name, WORD)})" for name in parts[1::2]]
    return re.compile("".join(parts))


def _listed(value: str) -> str:
    """Values between which one may choose."""
    return reduce(
        lambda one, other: gettext("%(one)s or %(other)s") % {"one": one, "other": other}, value.split(" or ")
    )
