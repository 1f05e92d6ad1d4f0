"""The process's environment: monitoring's variables hold in any project, unless its Django settings name them too."""

from __future__ import annotations

import os
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache

from monitoring.parsers import unquoted

PREFIX = "AVATAR_"
ALIKE = 0.85
"""How much of a name must be like one of ours to be a typing error: a project may have AVATAR_ names of its own."""

RELEASES = ("SENTRY_RELEASE", "HEROKU_SLUG_COMMIT", "RENDER_GIT_COMMIT", "RAILWAY_GIT_COMMIT_SHA", "SOURCE_VERSION")
"""Where hosting platforms and build packs put the revision, for images that carry no `.git`."""


@cache
def variables() -> dict[str, str]:
    """All variables with the prefix that are set. They are read when they are first needed, and not again.

    By then Django's settings are loaded, which may have added those of an `.env` file.
    """
    found = {name: unquoted(value) for name, value in os.environ.items() if name.startswith(PREFIX)}
    return {name: value for name, value in found.items() if value}


def has(name: str) -> bool:
    """Whether any variable, which may be the project's own, is set."""
    return bool(unquoted(os.environ.get(name, "")))


def hosted_release() -> str:
    """What the platform that built or runs this process calls its code; empty if it does not say."""
    return next(filter(None, (unquoted(os.environ.get(name, "")) for name in RELEASES)), "")


def misspelt(names: Iterable[str]) -> dict[str, str]:
    """The variables that are set and almost have one of these names, which is returned with each."""
    known = {name.removeprefix(PREFIX): name for name in names}
    found = {}
    for name in sorted(variables()):
        end = name.removeprefix(PREFIX)
        if end not in known:
            for near in get_close_matches(end, known, n=1, cutoff=ALIKE):
                found[name] = known[near]
    return found
