"""Every address of the site, from its URL patterns, so that a new one is included."""

from __future__ import annotations

import re

from django.contrib.admindocs.views import extract_views_from_urlpatterns, simplify_regex
from django.urls import get_resolver

PART = re.compile(r"<(?:[^<>:]+:)?([^<>]+)>")


def addresses() -> list[str]:
    """A path for each, with its parts in angle brackets, such as `/clients/<str:client_id>/`."""
    views = extract_views_from_urlpatterns(get_resolver().url_patterns)
    return sorted({simplify_regex(route) for _, route, *_ in views})


def filled(address: str, value: str) -> str:
    return PART.sub(lambda _: value, address)


def has_parts(address: str) -> bool:
    return PART.search(address) is not None
