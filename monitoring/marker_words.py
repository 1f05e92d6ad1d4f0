"""What the markers say that nodes leave, in the reader's language: a clock that was set, and other versions.

The database, the API and files keep them in English. A text that was cut, or that another release wrote, is shown as it
is stored.
"""

from __future__ import annotations

import re
from functools import reduce

from django.utils.translation import gettext, ngettext

from monitoring.unit_texts import with_unit

JUMP = re.compile(r"(?P<host>.+): clock set (?P<way>forward|back) by (?P<number>\S+) (?P<unit>d|h|min|s)", re.DOTALL)
MORE = re.compile(r"and (\d+) more")


def clock_words(text: str) -> str:
    """ "web: clock set forward by 2 h" """
    found = JUMP.fullmatch(text)
    if found is None:
        return text
    if found["way"] == "forward":
        sentence = gettext("%(host)s: clock set forward by %(time)s")
    else:
        sentence = gettext("%(host)s: clock set back by %(time)s")
    return sentence % {"host": found["host"], "time": with_unit(found["number"], found["unit"])}


def version_words(text: str) -> str:
    """ "server daphne 4.2 → gunicorn 24.0 with uvicorn 0.38, code 1a2b3c4 → 9f8e7d6, and 2 more" """
    return ", ".join(map(_change_words, text.split(", ")))


def _change_words(text: str) -> str:
    if found := MORE.fullmatch(text):
        return ngettext("and %(count)s more", "and %(count)s more", int(found[1])) % {"count": found[1]}
    what, _, pair = text.partition(" ")
    before, arrow, after = pair.partition(" → ")
    if not arrow:
        return text
    if what == "code":
        return gettext("code %(before)s → %(after)s") % {"before": before, "after": after}
    if what == "server":
        return gettext("server %(before)s → %(after)s") % {"before": _servers(before), "after": _servers(after)}
    return text


def _servers(text: str) -> str:
    """gunicorn may run the workers of another server."""
    form = gettext("%(server)s with %(workers)s")
    return reduce(lambda one, other: form % {"server": one, "workers": other}, text.split(" with "))
