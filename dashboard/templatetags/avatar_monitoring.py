"""Tags of the pages: their static files, with links that have the browser fetch all modules of its scripts at the same
time; links to the trends; and filters that write numbers and durations the same way in every project's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from dashboard import amount_texts, assets
from dashboard.amount_texts import span
from dashboard.assets import asset, script
from dashboard.bundles import bundle_of
from dashboard.bundling import Scripts, Styles
from dashboard.cause_texts import cause_text
from dashboard.languages import in_project_language, project_address
from dashboard.module_graph import addresses, imported_address
from dashboard.periods import around
from dashboard.sentence_times import lasting, moment
from dashboard.trend_charts import chart_of
from monitoring.access import signed_in
from monitoring.core.amounts import scaled_bytes
from monitoring.core.browser_family import browser_of
from monitoring.models import Alert
from monitoring.moment_links import moment_url
from monitoring.shown_addresses import address_mask

register = template.Library()
register.simple_tag(asset)
register.simple_tag(assets.lasting_asset)
register.simple_tag(moment)
register.simple_tag(lasting)

MODULE = '<script type="module" src="{}"></script>'
ASYNC_MODULE = '<script type="module" async src="{}"></script>'
PRELOAD = '<link rel="modulepreload" href="{}">'


@register.simple_tag
def page_scripts(*entries: str, first: str = "", early: str = "") -> SafeString:
    """Entry modules, by their names as static files: they run in this order once the page has been parsed and styled.

    `first` runs as soon as it has arrived. Other modules import it, so it is loaded from the address that they use.
    `early` runs before the entries, and does not wait until they have arrived.
    """
    page = Scripts(entries, first, early)
    bundled = bundle_of(page)
    return mark_safe("\n  ".join(dict.fromkeys(_modules(page) if bundled is None else _bundles(bundled))))


@register.simple_tag
def page_styles(*sheets: str) -> SafeString:
    """Style sheets, by their names as static files, in this order."""
    bundled = bundle_of(Styles(sheets))
    names = sheets if bundled is None else (bundled["styles"],)
    return mark_safe("\n  ".join(format_html('<link rel="stylesheet" href="{}">', asset(name)) for name in names))


def _bundles(files: dict[str, Any]) -> Iterator[str]:
    if "first" in files:
        yield format_html(ASYNC_MODULE, imported_address(files["first"], files["page"]))
    for chunk in files["chunks"]:
        if chunk != files.get("first"):
            yield format_html(PRELOAD, imported_address(chunk, files["page"]))
    for name in ("early", "page"):
        if name in files:
            yield format_html(MODULE, script(files[name]))


def _modules(page: Scripts) -> Iterator[str]:
    if page.first:
        yield format_html(ASYNC_MODULE, imported_address(page.first, page.first))
        yield from _preloads(page.first)
    # What an entry needs is asked for before what the next one does.
    for entry in filter(None, (page.early, *page.entries)):
        yield format_html(MODULE, script(entry))
        yield from _preloads(entry)


def _preloads(entry: str) -> Iterator[str]:
    for url in addresses(entry):
        yield format_html(PRELOAD, url)


@register.simple_tag
def moment_address(at: datetime) -> str:
    """The live page at a moment."""
    with in_project_language():
        return moment_url(at)


@register.simple_tag
def trends_around(alert: Alert) -> str:
    """The trends before, during and after an alert, at the chart of its metric if there is one."""
    period = around(alert.started_at, alert.ended_at, timezone.now())
    chart = chart_of(alert.metric)
    anchor = f"#{chart.key}" if chart else ""
    return f"{project_address('avatar_monitoring:trends')}?{urlencode(period.query, safe=':')}{anchor}"


@register.filter
def amount(value: float | None, unit: str) -> str:
    """A value with its unit; a dash if it is not known."""
    return amount_texts.amount(value, unit)


@register.filter
def decimal(value: float | None, digits: int = 1) -> str:
    """A number with so many digits after the point; a dash if it is not known."""
    return "–" if value is None else f"{value:,.{digits}f}"


@register.simple_tag(takes_context=True)
def shown_address(context: Mapping[str, Any], remote: str | None) -> str:
    """What the page's reader sees of a client's address; a dash if it is not known."""
    return address_mask(signed_in(context["request"]))(remote or "") or "–"


@register.filter
def size(amount: float | None) -> str:
    """Bytes in the unit that fits; a dash if they are not known."""
    if amount is None:
        return "–"
    scaled, unit = scaled_bytes(amount)
    return f"{scaled:,.{0 if unit == 'B' else 1}f} {unit}"


@register.filter
def until(start: datetime, end: datetime) -> str:
    """From one moment to another in the two largest units, as scripts write it too: "2 h 5 min"."""
    return span((end - start).total_seconds())


@register.filter
def so_far(start: datetime) -> str:
    """The same until now."""
    return until(start, timezone.now())


@register.filter
def browser(user_agent: str | None) -> str:
    """The browser or program that a user agent names; empty without one."""
    return browser_of(user_agent).text if user_agent else ""


@register.filter
def cause(name: str) -> str:
    """Why a session ended, in words; empty while nobody knows."""
    return cause_text(name)
