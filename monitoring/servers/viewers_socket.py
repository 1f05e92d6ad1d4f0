"""Whether a request came through `monitored`, which serves the viewers' WebSocket."""

from __future__ import annotations

from typing import Any

PASSED_KEY = "avatar_monitoring.monitored"
"""The key in the scope of every request that passes through `monitored`."""


def passed_through(request: Any) -> bool | None:
    """Whether an HTTP request came through `monitored`; None if the server is a WSGI server, which has no scope."""
    scope = getattr(request, "scope", None)
    return None if scope is None else bool(scope.get(PASSED_KEY))
