"""Tells of messages that a server has put into a connection's queue, where its consumer takes them later.

uvicorn's sans-I/O implementations, gunicorn's own worker and hypercorn each have an asyncio queue per connection.
daphne's link tells of its messages itself. In other servers a message waits where nobody sees it.
"""

from __future__ import annotations

from asyncio import Queue
from collections.abc import Callable
from typing import Any

QUEUES = ("queue", "_receive_queue")
"""What uvicorn's and gunicorn's protocols call it; hypercorn's `receive` is the queue's own."""


class QueueArrivals:
    """Watches one queue, whose every message passes through `put_nowait`, also with `put`."""

    def __init__(self, queue: Queue[Any]) -> None:
        self._queue = queue

    def watch(self, listener: Callable[[], object]) -> None:
        put = self._queue.put_nowait

        def told(message: Any) -> None:
            put(message)
            if message["type"] == "websocket.receive":
                listener()

        # Of this queue alone, until it is deleted.
        vars(self._queue)["put_nowait"] = told

    def stop(self) -> None:
        vars(self._queue).pop("put_nowait", None)


def arrivals_of(receive: Any) -> QueueArrivals | None:
    """What tells of the messages behind a server's `receive`; None if its queue is not found."""
    holder = getattr(receive, "__self__", None)
    for queue in (holder, *(getattr(holder, name, None) for name in QUEUES)):
        if type(queue) is Queue:
            return QueueArrivals(queue)
    return None
