"""The cheapest fan-out that Python's `websockets` has: its own server and `broadcast`. Argument: the port."""

from __future__ import annotations

import asyncio
import sys
import time

from websockets.asyncio.server import ServerConnection, broadcast, serve

from tests.benchmarks.payload import frame_text

viewers: set[ServerConnection] = set()


async def watch(connection: ServerConnection) -> None:
    viewers.add(connection)
    try:
        await connection.wait_closed()
    finally:
        viewers.discard(connection)


async def main(port: int) -> None:
    text = frame_text()
    async with serve(watch, "127.0.0.1", port, compression=None, ping_interval=None):
        while True:
            await asyncio.sleep(1 - time.time() % 1)
            broadcast(viewers, text)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
