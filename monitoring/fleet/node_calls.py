"""What other processes ask of this node at once, such as to disconnect a client: it answers over Redis.

A question is published to all nodes of the site, and each node answers on the channel that the question names, also
that it has nothing to say. So whoever asks knows from the number of receivers how many answers to wait for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from monitoring.core.cancel import cancel_and_wait
from monitoring.core.rescue import OnceAMinute
from monitoring.fleet.subscription import LOOK_SECONDS, ChannelFollower
from monitoring.node_redis import NodeRedis
from monitoring.redis_connections import SET_UP_SECONDS

logger = logging.getLogger(__name__)

CHANNEL = "calls"

MOST_AT_ONCE = 20
"""Questions that are being answered; further ones get no answer."""

unread = OnceAMinute()

Handler = Callable[[Any], Awaitable[Any]]
"""Takes what a question is about, and returns the answer; both are whatever JSON can carry."""


class Question(msgspec.Struct):
    """`what` is the name of a handler, `about` what it takes, and `answer_to` the channel on which to answer."""

    what: str
    about: Any
    answer_to: str


class NodeReply(msgspec.Struct):
    """What one node said: its name, and None if it could not answer."""

    node: str
    said: Any = None


class DeafError(Exception):
    """The subscription does not answer any more: it is to be made anew."""


class NodeCalls:
    """Answers questions with the `handlers` by their names, which may be added until it is started.

    Without a Redis only this process can ask, by `ask_here`.
    """

    def __init__(self, redis_url: str, node: str, handlers: Mapping[str, Handler] | None = None) -> None:
        self.handlers = dict(handlers or {})
        self.node = node
        self._redis = NodeRedis(redis_url) if redis_url else None
        self._questions = ChannelFollower(
            redis_url,
            CHANNEL,
            self._listen,
            away="Other processes cannot ask this node, for instance to disconnect a client",
            again="Other processes can ask this node again",
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._answering: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        if self._redis is not None:
            self._questions.start()

    async def stop(self) -> None:
        self._loop = None
        if self._redis is not None:
            await self._questions.stop()
            await cancel_and_wait(*self._answering)
            await self._redis.close()

    def ask_here(self, what: str, about: Any, seconds: float) -> NodeReply | None:
        """This node's answer, for another thread; None if the node does not run here, or is too slow."""
        loop = self._loop
        if loop is None or not loop.is_running():
            return None
        answer = asyncio.run_coroutine_threadsafe(self._said(what, about), loop)
        try:
            return NodeReply(self.node, answer.result(seconds))
        except TimeoutError:
            answer.cancel()
            return None

    async def _said(self, what: str, about: Any) -> Any:
        """What the handler says; None if there is no such handler, or it fails."""
        handler = self.handlers.get(what)
        if handler is None:
            return None
        try:
            return await handler(about)
        except Exception:
            logger.exception("Could not answer a question of another process: %s", what)
            return None

    async def _listen(self, subscription: Any, _name: str) -> None:
        self._questions.works()
        while True:
            self._take(await self._next(subscription))

    async def _next(self, subscription: Any) -> Any:
        """The next message. Raises DeafError if the subscription is dead, which shows by nothing else."""
        message = await subscription.get_message(timeout=LOOK_SECONDS)
        if message is None:
            await subscription.ping()
            message = await subscription.get_message(timeout=SET_UP_SECONDS)
        if message is None:
            raise DeafError("the subscription does not answer")
        return message

    def _take(self, message: Any) -> None:
        if message["type"] != "message":
            return
        try:
            question = msgspec.json.decode(message["data"], type=Question)
        except msgspec.MsgspecError as error:
            if unread.is_due("question"):
                logger.warning("A question of another process cannot be read: %s", error)
            return
        if len(self._answering) < MOST_AT_ONCE:
            task = asyncio.create_task(self._answer(question), name=f"answering {question.what[:40]}")
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _answer(self, question: Question) -> None:
        reply = NodeReply(self.node, await self._said(question.what, question.about))
        assert self._redis is not None
        try:
            async with self._redis.calling() as redis:
                await redis.publish(question.answer_to, msgspec.json.encode(reply))
        except Exception as error:
            if unread.is_due("answer"):
                logger.warning("Cannot answer a question of another process: %s", str(error) or type(error).__name__)
