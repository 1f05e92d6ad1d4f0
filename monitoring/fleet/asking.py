"""Asks all nodes of the site something at once, from any process, and waits a short time for their answers."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from monitoring import redis_connections, site
from monitoring.fleet.node_calls import CHANNEL, NodeReply, Question
from monitoring.site import channel_of

logger = logging.getLogger(__name__)

Enough = Callable[[Sequence[NodeReply]], bool]


class Replies(NamedTuple):
    """What nodes said, and whether every node that was listening did."""

    told: list[NodeReply]
    are_all: bool


def ask_nodes(redis_url: str, what: str, about: Any, seconds: float, is_enough: Enough = lambda _: False) -> Replies:
    """Waits until every node that listens has answered, `is_enough`, or this many seconds have passed.

    Raises redis.RedisError or SiteUnknownError.
    """
    name = site.name()
    deadline = time.monotonic() + seconds
    answer_to = channel_of(name, f"answer-{uuid.uuid4().hex}")
    question = msgspec.json.encode(Question(what, about, answer_to))
    told: list[NodeReply] = []
    with redis_connections.connect(redis_url) as client, client.pubsub(ignore_subscribe_messages=True) as answers:
        answers.subscribe(answer_to)
        # Its confirmation: from here on no answer is missed.
        answers.get_message(timeout=seconds)
        listening = int(client.publish(channel_of(name, CHANNEL), question))
        while len(told) < listening and not is_enough(told):
            left = deadline - time.monotonic()
            message = answers.get_message(timeout=left) if left > 0 else None
            if message is not None:
                told += _read(message)
            elif left <= 0:
                break
    return Replies(told, len(told) == listening)


def _read(message: Any) -> list[NodeReply]:
    try:
        return [msgspec.json.decode(message["data"], type=NodeReply)]
    except msgspec.MsgspecError as error:
        logger.warning("A node's answer cannot be read: %s", error)
        return [NodeReply("")]
