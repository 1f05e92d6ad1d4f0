"""What each page that is not a search knows in its address; it names what means nothing there or cannot be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.http import QueryDict

from dashboard.problem_texts import problem_text
from monitoring.core.inputs import echo
from monitoring.history.search_reader import unknown_names

KIOSK = ("kiosk", "rotate", "pages", "zone")
CHARTS = ("whole", "table")
"""Which charts show a peak whole, and which stand as tables."""

CLIENTS = ("sort", "order", "search", "verdict", "state", "page")
RANGE = ("range", "from", "to", "node", "compare", "gone")
KNOWN = {
    "live": ("at", "window", "from", "to", *CLIENTS, *CHARTS, "open", "tour", *KIOSK),
    "clients": (*CLIENTS, "open", *KIOSK),
    "client": ("window", "from", "to", *CLIENTS, *CHARTS, *KIOSK),
    "trends": (*RANGE, *CHARTS, "open", *KIOSK),
    "trends-export": (*RANGE, "metric", "format", *CHARTS, "open"),
    "rules": KIOSK,
    "rule": (*RANGE, "enter", "exit", "for", "keep", *CHARTS, *KIOSK),
    "alert": (*CHARTS, *KIOSK),
    "silences": KIOSK,
}


WINDOWS = {"live": ("60", "300", "900", "3600"), "client": ("60", "300", "900", "3600", "all")}
"""How many seconds the charts of a page may show."""

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:[0-5]\d)", re.ASCII)
"""As scripts write and read the ends of a stretch."""

MOMENT_ALLOWED = "a moment such as 2026-11-23T14:00:00Z"


def unknown_in(query: Iterable[str], page: str) -> list[str]:
    """The problems, in English as the readers of parameters say them."""
    return unknown_names(query, KNOWN[page])


def ignored(query: QueryDict, page: str) -> dict[str, Any]:
    """For a page's template: what of its address is ignored, in the language of the pages."""
    # Of what is given twice, scripts read the first.
    first = {name: values[0] for name, values in query.lists() if values}
    problems = [*unknown_in(query, page), *(_unshown(first, page) if page in WINDOWS else ())]
    return {"ignored": ". ".join(map(problem_text, problems))}


def _unshown(query: Mapping[str, str], page: str) -> Iterator[str]:
    """What a page's scripts leave out of the stretch that its charts are to show."""
    window, windows = query.get("window"), WINDOWS[page]
    if window is not None and window not in windows:
        yield f"window={echo(window)}: must be one of {', '.join(windows)}"
    ends = {name: query[name] for name in ("from", "to") if name in query}
    moments = {name: _moment(text) for name, text in ends.items()}
    bad = [name for name, moment in moments.items() if moment is None]
    for name in bad:
        yield f"{name}={echo(ends[name])}: must be {MOMENT_ALLOWED}"
    if len(ends) == 1 and not bad:
        (given,) = ends
        yield f"{given}={echo(ends[given])}: needs {'to' if given == 'from' else 'from'}= as well"
    if len(ends) > 1 and not bad and not moments["from"] < moments["to"]:  # type: ignore[operator]  # both are known
        yield f"from={echo(ends['from'])}: must begin before its end"


def _moment(text: str) -> datetime | None:
    # A plus sign that was not encoded was read as a space.
    written = text.replace(" ", "+")
    try:
        return datetime.fromisoformat(written) if MOMENT.fullmatch(written) else None
    except ValueError:
        return None
