"""The viewers' WebSocket: where it is, and the consumer that serves it."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.handlers.asgi import get_script_prefix
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.module_loading import import_string

from monitoring.core.asgi_types import ASGIApplication, Scope
from monitoring.core.rescue import OnceAMinute

logger = logging.getLogger(__name__)

NAME = "avatar_monitoring:socket"
ENDING = "ws/metrics/"
"""Only paths that end so are looked up."""

PASSED_KEY = "avatar_monitoring.monitored"
"""The key in the scope of every request that passes through `monitored`."""

due = OnceAMinute()


def is_viewer(scope: Scope) -> bool:
    """Whether this WebSocket is the viewers', wherever the project's URLs have it; never raises."""
    if not str(scope.get("path", "")).endswith(ENDING) or not hasattr(settings, "ROOT_URLCONF"):
        return False
    try:
        return _name_at(path_info(scope)) == NAME
    except Resolver404:
        return False
    except Exception:
        # The project's URLs are broken, and Django says so at every request: here the project's application goes on.
        if due.is_due("resolving"):
            logger.exception("Could not look up whose WebSocket %r is", scope.get("path"))
        return False


@cache
def consumer() -> ASGIApplication | None:
    """The application that serves viewers, which an installed app names; None if none does."""
    for config in apps.get_app_configs():
        dotted = getattr(config, "viewers_consumer", None)
        if dotted:
            return import_string(dotted).as_asgi()
    return None


def path_info(scope: Scope) -> str:
    """The path below the script prefix, as Django's ASGIRequest has it."""
    return str(scope.get("path", "")).removeprefix(get_script_prefix(scope))


def passed_through(request: Any) -> bool | None:
    """Whether an HTTP request came through `monitored`; None if the server is a WSGI server, which has no scope."""
    scope = getattr(request, "scope", None)
    return None if scope is None else bool(scope.get(PASSED_KEY))


def _name_at(path: str) -> str:
    """The name of the URL at this path, in the language that the path begins with."""
    language = translation.get_language_from_path(path) or settings.LANGUAGE_CODE
    with translation.override(language):
        return resolve(path).view_name
