"""The channel layer through which nodes tell each other what viewers see.

It is the project's own default layer, unless that is missing, broken or only in memory, which other processes cannot
see. Then one is made from REDIS_URL, if that is set: nobody else gets it, and the project's CHANNEL_LAYERS and
`get_channel_layer()` stay as they are.
"""

from __future__ import annotations

import logging
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer

from monitoring.fleet.redis_layer import WaitingPubSubChannelLayer

logger = logging.getLogger(__name__)

PREFIX = "avatar"


def relay_layer(redis_url: str) -> Any:
    """The layer, None if there is no way to other nodes."""
    own = _own_layer()
    if own is not None and not (isinstance(own, InMemoryChannelLayer) and redis_url):
        return own
    if not redis_url:
        return None
    return WaitingPubSubChannelLayer(hosts=[{"address": redis_url, "socket_timeout": None}], prefix=PREFIX)


def _own_layer() -> Any:
    try:
        return get_channel_layer()
    except Exception:
        # Its package may be missing, or its options wrong: the project's consumers will say so, viewers need not care.
        logger.exception("The default channel layer in CHANNEL_LAYERS cannot be used to reach other nodes")
        return None
