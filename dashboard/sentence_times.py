"""Moments and durations inside of sentences, with what scripts need to show them in the reader's zone."""

from __future__ import annotations

from datetime import datetime

from django.template.defaultfilters import date as date_format
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.amount_texts import span


def moment(at: datetime, precision: str = "") -> SafeString:
    """A moment inside a sentence, in UTC until a script shows it in the reader's zone. `precision` may be "seconds"."""
    local = format_html('="{}"', precision) if precision else ""
    shown = _date(at, "Y-m-d H:i:s" if precision else "Y-m-d H:i")
    return format_html('<time datetime="{}" data-local{}>{} UTC</time>', _date(at, "c"), local, shown)


def lasting(start: datetime, end: datetime | None = None) -> SafeString:
    """How long something lasted, inside a sentence; without an end so far, which a script counts on."""
    over = format_html(' data-span-to="{}"', _date(end, "c")) if end else ""
    words = span(((end or timezone.now()) - start).total_seconds())
    return format_html('<span data-span-from="{}"{}>{}</span>', _date(start, "c"), over, words)


def _date(at: datetime, form: str) -> str:
    return date_format(timezone.localtime(at) if timezone.is_aware(at) else at, form)
