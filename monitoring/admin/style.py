"""The static files of our pages of the admin. Where they were not collected, the pages are plain, and work."""

from __future__ import annotations

from typing import Any

from django.forms import Media
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

STYLE = "avatar_monitoring/admin/lists.css"
ZONE = "avatar_monitoring/admin/zone.js"
CHARTS = {
    "chart_style": "avatar_monitoring/vendor/uplot/uPlot.min.css",
    "chart_script": "avatar_monitoring/admin/trends.js",
}


class ZoneScript:
    """The script that shows times in the reader's zone, with its texts in the admin's language."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __html__(self) -> SafeString:
        utc = gettext("Times are in UTC. Show your own zone, %(zone)s (u)")
        local = gettext("Times are in your own zone, %(zone)s. Show UTC (u)")
        tag = '<script type="module" src="{}" data-zone-utc="{}" data-zone-local="{}"></script>'
        return format_html(tag, self.url, utc, local)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ZoneScript) and other.url == self.url

    def __hash__(self) -> int:
        return hash(self.url)


def style() -> Media:
    zone = address(ZONE)
    return Media(css={"all": (STYLE,)} if address(STYLE) else {}, js=[ZoneScript(zone)] if zone else [])  # type: ignore[list-item]  # Django takes any object with __html__


def chart_files() -> dict[str, Any]:
    """The addresses of what draws the small charts, by their names in the template."""
    return {name: address(file) for name, file in CHARTS.items()}


def address(name: str) -> str | None:
    """None if the project's storage has a list of collected files, and this one is not on it."""
    try:
        return static(name)
    except ValueError:
        return None
