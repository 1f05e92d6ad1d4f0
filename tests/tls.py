"""TLS for synchronous WebSocket clients.

`websockets.sync` reads in one thread and writes in another. OpenSSL's objects must not be used by two threads at once,
and Python before 3.13 does not keep them apart: the process crashes now and then. Here one event loop does the TLS.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from concurrent.futures import Future
from ssl import SSLContext
from typing import Any


def tls_socket(host: str, port: int, trusting: SSLContext, **more: Any) -> socket.socket:
    """A plain socket to a TLS server, for `connect("ws://…", sock=…)`; `more` goes to asyncio.open_connection.

    Raises what connecting raises.
    """
    ours, theirs = socket.socketpair()
    connected: Future[None] = Future()
    threading.Thread(
        target=lambda: asyncio.run(_carry(theirs, connected, host, port, ssl=trusting, **more)), daemon=True
    ).start()
    try:
        connected.result(20)
    except BaseException:
        ours.close()
        raise
    return ours


async def _carry(near: socket.socket, connected: Future[None], host: str, port: int, **more: Any) -> None:
    try:
        from_server, to_server = await asyncio.open_connection(host, port, **more)
    except Exception as error:
        near.close()
        connected.set_exception(error)
        return
    from_client, to_client = await asyncio.open_connection(sock=near)
    connected.set_result(None)
    ways = [
        asyncio.create_task(_copy(from_client, to_server)),
        asyncio.create_task(_copy(from_server, to_client)),
    ]
    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for task in ways:
        task.cancel()
    for end in (to_server, to_client):
        end.close()
    await asyncio.gather(*ways, to_server.wait_closed(), to_client.wait_closed(), return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        return
