"""The channel layer through which nodes tell each other what viewers see.

One is made from REDIS_URL, and nobody else gets it: a layer that two share is no longer as its project knows it, whose
idle receivers may end after a while and now do not, and whose faults would be ours. The project's CHANNEL_LAYERS and
`get_channel_layer()` stay as they are. Only without REDIS_URL the project's default layer is used.
"""

from __future__ import annotations

import logging
from typing import Any

from channels.layers import get_channel_layer

from monitoring.fleet.redis_layer import WaitingPubSubChannelLayer

logger = logging.getLogger(__name__)

PREFIX = "avatar"


def relay_layer(redis_url: str) -> Any:
    """The layer, None if there is no way to other nodes."""
    if redis_url:
        return WaitingPubSubChannelLayer(hosts=[{"address": redis_url, "socket_timeout": None}], prefix=PREFIX)
    try:
        return get_channel_layer()
    except Exception:
        # Its package may be missing, or its options wrong: the project's consumers will say so, viewers need not care.
        logger.exception("The default channel layer in CHANNEL_LAYERS cannot be used to reach other nodes")
        return None
