"""A TCP proxy that is a bad network: it delays, stalls, throttles and cuts the connections that go through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK = 16 * 1024


class BadNetwork:
    """What happens to the bytes of the connections through one proxy, in both directions; may change at any time.

    `delay` is in seconds each way, `rate` in bytes a second each way, None if it is not limited.
    """

    def __init__(self, delay: float = 0.0, rate: float | None = None) -> None:
        self.delay = delay
        self.rate = rate
        self.port = 0
        self._flows = asyncio.Event()
        self._flows.set()
        self._ends: set[asyncio.StreamWriter] = set()

    async def stall(self, seconds: float) -> None:
        """Forwards nothing for so long; like segments that get lost, it all arrives afterwards."""
        self._flows.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._flows.set()

    def cut(self) -> None:
        """Resets every connection, without a closing handshake."""
        for end in self._ends:
            end.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forwards one direction until it ends. It reads on while it holds bytes back, as a network does."""
        held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=4_096)
        self._ends.add(writer)
        arriving = asyncio.create_task(self._deliver(held, writer))
        loop = asyncio.get_running_loop()
        try:
            with suppress(ConnectionError):
                while data := await reader.read(CHUNK):
                    await held.put((loop.time() + self.delay, data))
            await held.put((loop.time() + self.delay, b""))
            await arriving
        finally:
            arriving.cancel()
            self._ends.discard(writer)
            writer.close()

    async def _deliver(self, held: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, data = await held.get()
            if not data:
                return
            await asyncio.sleep(due - loop.time())
            await self._flows.wait()
            if self.rate is not None:
                await asyncio.sleep(len(data) / self.rate)
            try:
                writer.write(data)
                await writer.drain()
            except ConnectionError:
                return


@asynccontextmanager
async def bad_network(port: int, network: BadNetwork) -> AsyncIterator[BadNetwork]:
    """Serves `network.port` on 127.0.0.1, which leads to the other port through the bad network."""
    carrying: set[asyncio.Task[object]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        both = asyncio.gather(network.carry(reader, back), network.carry(there, writer))
        carrying.add(asyncio.ensure_future(both))  # type: ignore[arg-type]

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    network.port = listener.sockets[0].getsockname()[1]
    try:
        yield network
    finally:
        listener.close()
        network.cut()
        for one in carrying:
            one.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)
