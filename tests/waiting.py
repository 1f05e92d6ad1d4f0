"""Waiting in asynchronous tests for other tasks."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], *, seconds: float = 10.0) -> None:
    """Lets the other tasks run until the condition holds; raises TimeoutError if it does not in time."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the condition belongs to code that knows of no event
            await asyncio.sleep(0.002)


async def settled() -> None:
    """Lets the other tasks do what they can do at once."""
    for _ in range(10):
        await asyncio.sleep(0)
