"""Waiting in asynchronous tests for other tasks."""

import asyncio
from collections.abc import Callable
from typing import Any

from channels.testing import WebsocketCommunicator

from tests.patience import PATIENCE_SECONDS


async def until(condition: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Lets the other tasks run until the condition holds; raises TimeoutError if it does not in time."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the condition belongs to code that knows of no event
            await asyncio.sleep(0.002)


async def settled() -> None:
    """Lets the other tasks do what they can do at once."""
    for _ in range(10):
        await asyncio.sleep(0)


class PatientCommunicator(WebsocketCommunicator):
    """Channels' own gives an application one second, which on a busy machine is too short."""

    async def receive_output(self, timeout: float = PATIENCE_SECONDS) -> Any:  # noqa: ASYNC109 - as Channels names it
        return await super().receive_output(max(timeout, PATIENCE_SECONDS))

    async def wait(self, timeout: float = PATIENCE_SECONDS) -> None:  # noqa: ASYNC109 - as Channels names it
        await super().wait(max(timeout, PATIENCE_SECONDS))
