"""Addresses of past moments: the live page at a second, wherever the project includes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from monitoring.moments import stamp

BEFORE_AN_END = timedelta(seconds=1)
"""Something that has ended is shown this long before, when it was still there."""


def moment_url(at: datetime) -> str:
    """The live page at the second of a moment; empty where the project does not include the pages."""
    try:
        page = reverse("avatar_monitoring:live")
    except NoReverseMatch:
        return ""
    return f"{page}?{urlencode({'at': stamp(at)}, safe=':')}"


def end_url(began: datetime, ended: datetime) -> str:
    """The live page at the last second of something that lasted from `began` to `ended`."""
    return moment_url(max(began, ended - BEFORE_AN_END))
