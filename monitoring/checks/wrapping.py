"""Checks that the project's ASGI application is wrapped, by the text of its module: importing it may start things."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Info

from monitoring.checks.registration import while_on
from monitoring.conf import MonitoringSettings


@while_on
def check_wrapped(_settings: MonitoringSettings) -> Iterator[CheckMessage]:
    module = (getattr(django_settings, "ASGI_APPLICATION", None) or "").rpartition(".")[0]
    text = _text_of(module)
    if text is not None and "monitored" not in text:
        yield Info(
            f"{module} does not mention `monitored`: unless another module wraps the application, no client is seen",
            hint="from avatar_monitoring import monitored; application = monitored(application)",
            id="avatar_monitoring.I007",
        )


def _text_of(module: str) -> str | None:
    """The module's text; None if it is not to be found without importing anything."""
    package, _, _ = module.rpartition(".")
    if not module or (package and package not in sys.modules):
        return None
    found = PathFinder.find_spec(module, sys.modules[package].__path__ if package else None)
    if found is None or not found.origin or not found.origin.endswith(".py"):
        return None
    return Path(found.origin).read_text(encoding="utf-8", errors="replace")
