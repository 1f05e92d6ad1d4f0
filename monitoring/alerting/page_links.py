"""Addresses of the pages for people who are told about an alert, wherever the project includes them."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, get_script_prefix, reverse

from monitoring.core.rescue import OnceAMinute

logger = logging.getLogger(__name__)
why = OnceAMinute()


def link(base_url: str, name: str, *arguments: int, **query: str) -> str:
    """The address of the page of this URL name; empty without a base URL, and where the project has no such page.

    A notice is the same whether a request or a worker writes it: the prefix under which a request came does not count,
    and belongs to the base URL.
    """
    if not base_url:
        return ""
    path = _path(name, arguments)
    return path and f"{base_url}/{path.removeprefix(get_script_prefix())}" + (f"?{urlencode(query)}" if query else "")


def _path(name: str, arguments: tuple[Any, ...]) -> str:
    try:
        return reverse(f"avatar_monitoring:{name}", args=arguments)
    except NoReverseMatch:
        return ""
    except Exception as error:  # the project's URLs are code of its own, which this process may be unable to import
        if why.is_due(type(error).__name__):
            logger.warning("Notices have no links: the project's URLs cannot be read (%s)", type(error).__name__)
        return ""
