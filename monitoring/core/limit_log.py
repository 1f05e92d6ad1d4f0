"""Says in the log when a limit acts on a connection, so that nobody has to guess why it was closed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from monitoring.core.address_masks import Mask
from monitoring.core.inputs import echo
from monitoring.core.monitored import requested_client_id
from monitoring.core.rescue import OnceAMinute

logger = logging.getLogger(__name__)

LONGEST_PATH = 200

due = OnceAMinute()

_mask: Mask = str


def mask_addresses(mask: Mask) -> None:
    """From now on lines say of addresses what this leaves of them."""
    global _mask
    _mask = mask


def limit_acted(scope: Mapping[str, Any], limit: str, setting: str) -> None:
    """Logs path, client, limit and setting, at most once a minute for each limit; `limit` is from a fixed set."""
    if due.is_due(f"{limit} {setting}"):
        path = echo(str(scope.get("path", "")), LONGEST_PATH)
        logger.warning("WebSocket %s of client %s: %s (set by %s)", path, _client(scope), limit, setting)


def _client(scope: Mapping[str, Any]) -> str:
    address = echo(_mask(str((scope.get("client") or ("",))[0] or "")))
    client_id = requested_client_id(scope)
    if client_id:
        return f"{client_id} ({address})" if address else client_id
    return address or "without an address"
