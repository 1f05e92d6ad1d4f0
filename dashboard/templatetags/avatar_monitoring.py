"""Tags of the pages: their scripts, with links that have the browser fetch all modules that they import at the same
time; and links to the trends."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from dashboard.module_graph import addresses, imported_address
from dashboard.periods import around
from dashboard.trend_charts import chart_of
from monitoring.models import Alert

register = template.Library()


@register.simple_tag
def page_scripts(*entries: str, first: str = "") -> SafeString:
    """Entry modules, by their names as static files: they run in this order once the page has been parsed and styled.

    `first` runs as soon as it has arrived. Other modules import it, so it is loaded from the address that they use.
    """
    return mark_safe("\n  ".join(dict.fromkeys(_html(entries, first))))


def _html(entries: tuple[str, ...], first: str) -> Iterator[str]:
    if first:
        yield format_html('<script type="module" async src="{}"></script>', imported_address(first, first))
        yield from _preloads(first)
    # What an entry needs is asked for before what the next one does.
    for entry in entries:
        yield format_html('<script type="module" src="{}"></script>', static(entry))
        yield from _preloads(entry)


def _preloads(entry: str) -> Iterator[str]:
    for url in addresses(entry):
        yield format_html('<link rel="modulepreload" href="{}">', url)


@register.simple_tag
def trends_around(alert: Alert) -> str:
    """The trends before, during and after an alert, at the chart of its metric if there is one."""
    period = around(alert.started_at, alert.ended_at, timezone.now())
    chart = chart_of(alert.metric)
    anchor = f"#{chart.key}" if chart else ""
    return f"{reverse('avatar_monitoring:trends')}?{urlencode(period.query, safe=':')}{anchor}"
