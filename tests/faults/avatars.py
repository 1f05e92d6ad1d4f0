"""Avatars for the fault bench: they answer at once, move twice a second, and say how they draw.

As a program it is a crowd of healthy ones: `python -m tests.faults.avatars PORT COUNT`. It says when all are connected,
and ends when its input does.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

HEALTHY = {"fps": 60.0, "frame_time_ms": 16.7, "low_fps": 55.0, "long_frames": 0, "hidden": False}
MOVES_EVERY = 0.5
TELLS_EVERY = 2.0


class Avatar:
    """One connected client. `frames` is what it reports of its drawing, `pose` how large its moves are, in bytes, and
    `takes` how many seconds the server's consumer takes for one."""

    def __init__(self, connection: ClientConnection, client_id: str) -> None:
        self.client_id = client_id
        self.connection = connection
        self.frames = dict(HEALTHY)
        self.pose = 60
        self.moves_every = MOVES_EVERY
        self.takes = 0.0
        self.is_silent = False
        self._changed = asyncio.Event()

    def change(self, **values: object) -> None:
        """What it reports of its drawing from now on; it says so at once."""
        self.frames |= values
        self._changed.set()

    def stop_reading(self) -> None:
        self.connection.transport.pause_reading()

    async def live(self) -> None:
        """Until the connection ends."""
        with suppress(ConnectionClosed, OSError):
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._answer())
                tasks.create_task(self._move())
                tasks.create_task(self._tell())

    async def _answer(self) -> None:
        async for text in self.connection:
            message = json.loads(text)
            if message["type"] == "ping":
                await self._say(type="pong", id=message["id"])
        raise ConnectionClosed(None, None)

    async def _move(self) -> None:
        while True:
            await asyncio.sleep(self.moves_every)
            await self._say(type="pose", bones="x" * self.pose, takes=self.takes)

    async def _tell(self) -> None:
        while True:
            await self._say(type="telemetry", **self.frames)
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(TELLS_EVERY):
                    await self._changed.wait()

    async def _say(self, **message: object) -> None:
        if not self.is_silent:
            await self.connection.send(json.dumps(message))


@asynccontextmanager
async def avatar(port: int, client_id: str, *, room: str = "", receive_buffer: int = 0) -> AsyncIterator[Avatar]:
    """An avatar in a room of its own, by default. Its kernel takes `receive_buffer` bytes while it does not read."""
    own = socket.socket()
    if receive_buffer:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    own.setblocking(False)
    await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", port))
    url = f"ws://127.0.0.1:{port}/ws/avatar/?client_id={client_id}&room={room or client_id}"
    connection = await connect(url, sock=own, compression=None, ping_interval=None, max_queue=None, close_timeout=0.2)
    one = Avatar(connection, client_id)
    living = asyncio.create_task(one.live())
    try:
        yield one
    finally:
        living.cancel()
        connection.transport.abort()
        await asyncio.gather(living, return_exceptions=True)


async def crowd(port: int, count: int) -> None:
    """Healthy avatars, `healthy-1` and so on, until this program's input ends."""
    until = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    connected = asyncio.Semaphore(0)

    async def one(number: int) -> None:
        async with avatar(port, f"healthy-{number}") as found:
            connected.release()
            await found.connection.wait_closed()
            print(f"{found.client_id} was closed", file=sys.stderr)

    living = []
    for number in range(1, count + 1):
        living.append(asyncio.create_task(one(number)))
        # Clients that move at the same moment would be a load of another kind.
        await asyncio.sleep(MOVES_EVERY / count)
    for _ in living:
        await connected.acquire()
    print("connected", flush=True)
    await until
    for task in living:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(crowd(int(sys.argv[1]), int(sys.argv[2])))
