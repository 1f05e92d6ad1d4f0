"""What is wrong with a parameter or a field, in the reader's language.

The readers of parameters say it in English, to programs too: "range=2h: must be one of 1h, 6h". What stands before the
colon stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import reduce
from typing import Final

from django.utils.translation import gettext, gettext_noop

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
    (
        r"must be left out, this page knows (?P<allowed>.+)",
        gettext_noop("must be left out, this page knows %(allowed)s"),
    ),
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
    (
        r"must be 1 to 64 small letters, digits and underscores, a letter first",
        gettext_noop("must be 1 to 64 small letters, digits and underscores, a letter first"),
    ),
    (r"must be (?P<allowed>\S+(?: or \S+)*) for (?P<name>\S+)", gettext_noop("must be %(allowed)s for %(name)s")),
    (
        r"must be resolve or keep in a rule about single clients, which may measure nothing",
        gettext_noop("must be resolve or keep in a rule about single clients, which may measure nothing"),
    ),
    (
        r"must be left out for (?P<name>\S+); (?P<allowed>.+) may have it",
        gettext_noop("must be left out for %(name)s; %(allowed)s may have it"),
    ),
    (
        r"must be left out in a rule about single clients",
        gettext_noop("must be left out in a rule about single clients"),
    ),
    (r"must be above 0(?P<unit>.*)", gettext_noop("must be above 0%(unit)s")),
    (r"must be at most (?P<count>\d+) characters", gettext_noop("must be at most %(count)s characters")),
    (
        r"may have \{value\}, such as \{value:\.1f\}, and \{subject\}; no other braces",
        gettext_noop("may have {value}, such as {value:.1f}, and {subject}; no other braces"),
    ),
    (
        r"must be an address that begins with https:// or http://",
        gettext_noop("must be an address that begins with https:// or http://"),
    ),
    (
        r"is the name of a built-in rule, whose metric is (?P<metric>\S+) and whose scope (?P<scope>\S+)",
        gettext_noop("is the name of a built-in rule, whose metric is %(metric)s and whose scope %(scope)s"),
    ),
    (r"is the name of another metric", gettext_noop("is the name of another metric")),
    (r"must say where the screen is", gettext_noop("must say where the screen is")),
    (r"must be a day of that month", gettext_noop("must be a day of that month")),
    (r"must be (?P<allowed>\S+(?: or \S+)+)", gettext_noop("must be %(allowed)s")),
    (r"the parameters are (?P<names>.+)", gettext_noop("the parameters are %(names)s")),
    (
        r"must be (?P<low>\d+) to (?P<high>\d+) characters, none of them NUL or half of a surrogate pair",
        gettext_noop("must be %(low)s to %(high)s characters, none of them NUL or half of a surrogate pair"),
    ),
    (
        r"must be (?P<low>\d+) to (?P<high>\d+) characters, none of them NUL or half of a surrogate pair; "
        r"\* stands for any text",
        gettext_noop(
            "must be %(low)s to %(high)s characters, none of them NUL or half of a surrogate pair; "
            "* stands for any text"
        ),
    ),
    (
        r"must be one or more of (?P<names>.+), each with a pattern such as web-\*",
        gettext_noop("must be one or more of %(names)s, each with a pattern such as web-*"),
    ),
    (r"must be empty, daily or weekly", gettext_noop("must be empty, daily or weekly")),
    (r"must be within (?P<count>\d+) days", gettext_noop("must be within %(count)s days")),
    (
        r"must be after its start, (?P<start>\S+), by at most (?P<count>\d+) days",
        gettext_noop("must be after its start, %(start)s, by at most %(count)s days"),
    ),
    (
        r"must be after its start, (?P<start>\S+), by at most 1 day less a minute",
        gettext_noop("must be after its start, %(start)s, by at most 1 day less a minute"),
    ),
    (
        r"must be after its start, (?P<start>\S+), by at most (?P<count>\d+) days less a minute",
        gettext_noop("must be after its start, %(start)s, by at most %(count)s days less a minute"),
    ),
    (r"must be in the future", gettext_noop("must be in the future")),
    (r"a silence has an end", gettext_noop("a silence has an end")),
    (
        r"there are (?P<count>\d+) silences already: end those that nobody needs",
        gettext_noop("there are %(count)s silences already: end those that nobody needs"),
    ),
    (r"must not be empty", gettext_noop("must not be empty")),
)
"""What the readers say after the colon, as patterns, and as texts."""


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
    (r"This needs the permission (?P<name>\S+)", gettext_noop("This needs the permission %(name)s")),
    (
        r"The user model (?P<name>\S+) has no permissions: give it django\.contrib\.auth\.models\.PermissionsMixin",
        gettext_noop("The user model %(name)s has no permissions: give it django.contrib.auth.models.PermissionsMixin"),
    ),
)
"""What `monitoring.access.lacks` says."""


def refusal_words(reason: str) -> str:
    """Why somebody may not, in the reader's language."""
    return _said(REFUSALS, reason) or reason


def _said(sentences: Iterable[tuple[str, str]], sentence: str) -> str | None:
    for pattern, text in sentences:
        if found := re.fullmatch(pattern, sentence):
            return gettext(text) % {name: _listed(value) for name, value in found.groupdict().items()}
    return None


def _listed(value: str) -> str:
    """Values between which one may choose."""
    return reduce(
        lambda one, other: gettext("%(one)s or %(other)s") % {"one": one, "other": other}, value.split(" or ")
    )
