"""The queues that servers keep of a connection's messages."""

import asyncio
from types import SimpleNamespace

import pytest

from monitoring.servers.arrivals import arrivals_of

MESSAGE = {"type": "websocket.receive", "text": "hello"}


class Protocol:
    """A server's object for one connection; its queue has this name."""

    def __init__(self, name: str, queue: asyncio.Queue) -> None:
        vars(self)[name] = queue

    async def receive(self) -> dict:
        """Never called."""
        return {}


def receive_of(name: str, queue: asyncio.Queue):
    return queue.get if name == "get" else Protocol(name, queue).receive


@pytest.fixture
def queue() -> asyncio.Queue:
    return asyncio.Queue(maxsize=2)


@pytest.mark.parametrize("name", ["queue", "_receive_queue", "get"])
async def test_each_message_is_told_of_and_goes_its_way(queue, name):
    told = []
    arrivals_of(receive_of(name, queue)).watch(lambda: told.append(queue.qsize()))
    queue.put_nowait({"type": "websocket.connect"})
    await queue.put(MESSAGE)
    assert told == [2]
    assert [queue.get_nowait()["type"] for _ in range(2)] == ["websocket.connect", "websocket.receive"]


async def test_a_message_that_did_not_fit_has_not_arrived(queue):
    told = []
    arrivals_of(queue.get).watch(lambda: told.append(1))
    for _ in range(2):
        queue.put_nowait(MESSAGE)
    with pytest.raises(asyncio.QueueFull):
        queue.put_nowait(MESSAGE)
    assert len(told) == 2


async def test_at_the_end_the_queue_is_as_it_was(queue):
    told = []
    arrivals = arrivals_of(queue.get)
    arrivals.watch(lambda: told.append(1))
    arrivals.stop()
    arrivals.stop()
    queue.put_nowait(MESSAGE)
    assert (told, vars(queue).get("put_nowait")) == ([], None)


@pytest.mark.parametrize("receive", [print, lambda: None, SimpleNamespace(queue=[]).__repr__])
def test_a_server_may_have_no_such_queue(receive):
    assert arrivals_of(receive) is None
