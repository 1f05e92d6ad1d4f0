"""A slow connection to a server: every byte is delayed, in either direction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def far_away(server: str | int, seconds: float, *, opening: float = 0) -> AsyncIterator[int]:
    """The port on 127.0.0.1 behind which a Unix socket or another port is this many seconds away, each way.

    `opening` is how many seconds it takes to open a connection.
    """
    pipes: set[asyncio.Task[None]] = set()
    ends: list[asyncio.StreamWriter] = []

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        # A client that gives up while an answer is under way resets its connection.
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                loop.call_later(seconds, writer.write, data)
        loop.call_later(seconds, writer.close)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(opening)
        there, back = await open_connection(server)
        ends.extend((writer, back))
        pipes.update({asyncio.create_task(pipe(reader, back)), asyncio.create_task(pipe(there, writer))})

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for task in pipes:
            task.cancel()
        for end in ends:
            end.close()


async def open_connection(server: str | int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(server, int):
        return await asyncio.open_connection("127.0.0.1", server)
    return await asyncio.open_unix_connection(server)
