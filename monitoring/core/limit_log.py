"""Says in the log when a limit acts on a connection, so that nobody has to guess why it was closed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from monitoring.core.inputs import echo
from monitoring.core.monitored import requested_client_id
from monitoring.core.rescue import OnceAMinute

logger = logging.getLogger(__name__)

LONGEST_PATH = 200

due = OnceAMinute()


def limit_acted(scope: Mapping[str, Any], limit: str, setting: str) -> None:
    """Logs path, client, limit and setting, at most once a minute for each limit; `limit` is from a fixed set."""
    if due.is_due(f"{limit} {setting}"):
        path = echo(str(scope.get("path", "")), LONGEST_PATH)
        logger.warning("WebSocket %s of client %s: %s (set by %s)", path, _client(scope), limit, setting)


def _client(scope: Mapping[str, Any]) -> str:
    address = str((scope.get("client") or ("without an address",))[0])
    client_id = requested_client_id(scope)
    return f"{client_id} ({echo(address)})" if client_id else echo(address)
