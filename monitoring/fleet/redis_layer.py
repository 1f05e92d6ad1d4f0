"""channels-redis's pub/sub layer without its polling. It asks Redis for a message ten times a second, which costs an
idle server more than all of monitoring does."""

from __future__ import annotations

from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection
from redis.asyncio.client import PubSub

from monitoring.redis_connections import connect_async


class WaitingPubSub(PubSub):
    """A subscription that waits for its next message as long as it takes."""

    async def get_message(
        self,
        ignore_subscribe_messages: bool = False,
        timeout: float | None = 0.0,  # noqa: ARG002, ASYNC109  (redis-py's signature)
    ) -> Any:
        return await super().get_message(ignore_subscribe_messages, timeout=None)


class WaitingConnection(RedisSingleShardConnection):
    _redis: Any
    _pubsub: Any

    def _ensure_redis(self) -> None:
        if self._redis is None:
            options = dict(self.host)
            self._redis = connect_async(options.pop("address"), seconds=None, **options)
            self._pubsub = WaitingPubSub(self._redis.connection_pool)


class WaitingPubSubChannelLayer(RedisPubSubChannelLayer):
    """For `CHANNEL_LAYERS`; configured as RedisPubSubChannelLayer is, each host by its `address`."""

    def _get_layer(self) -> RedisPubSubLoopLayer:
        layer = super()._get_layer()
        if not isinstance(layer._shards[0], WaitingConnection):
            layer._shards = [WaitingConnection(shard.host, layer) for shard in layer._shards]
        return layer
