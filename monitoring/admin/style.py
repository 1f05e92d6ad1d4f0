"""The static files of our pages of the admin. Where they were not collected, the pages are plain, and work."""

from __future__ import annotations

from typing import Any

from django.forms import Media
from django.templatetags.static import static

STYLE = "avatar_monitoring/admin/lists.css"
CHARTS = {
    "chart_style": "avatar_monitoring/vendor/uplot/uPlot.min.css",
    "chart_script": "avatar_monitoring/admin/trends.js",
}


def style() -> Media:
    return Media(css={"all": (STYLE,)} if address(STYLE) else {})


def chart_files() -> dict[str, Any]:
    """The addresses of what draws the small charts, by their names in the template."""
    return {name: address(file) for name, file in CHARTS.items()}


def address(name: str) -> str | None:
    """None if the project's storage has a list of collected files, and this one is not on it."""
    try:
        return static(name)
    except ValueError:
        return None
