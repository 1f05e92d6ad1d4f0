"""Cancels tasks reliably."""

from __future__ import annotations

import asyncio
from typing import Any

RETRY_SECONDS = 0.05


async def cancel_and_wait(*tasks: asyncio.Task[Any]) -> None:
    """Cancels the tasks until they have ended; their exceptions are ignored.

    Once is not enough: before Python 3.12 a cancellation can get lost in `asyncio.wait_for`, and in redis-py during the
    first steps of a call.
    """
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=RETRY_SECONDS)
