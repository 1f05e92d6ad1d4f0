"""What each page that is not a search knows in its address; it names what means nothing there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dashboard.problem_texts import problem_text
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


def unknown_in(query: Iterable[str], page: str) -> list[str]:
    """The problems, in English as the readers of parameters say them."""
    return unknown_names(query, KNOWN[page])


def ignored(query: Iterable[str], page: str) -> dict[str, Any]:
    """For a page's template: what of its address is ignored, in the language of the pages."""
    return {"ignored": ". ".join(problem_text(one) for one in unknown_in(query, page))}
