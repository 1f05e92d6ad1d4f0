import asyncio
from functools import partial

import pytest

from monitoring.servers.server_name import server_name


def of_module(name: str):
    """A server's protocol from a module of this name."""

    async def send(self, message): ...

    return type("Protocol", (), {"__module__": name, "send": send})()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("uvicorn.protocols.websockets.wsproto_impl", "uvicorn"),
        ("gunicorn.asgi.websocket", "gunicorn"),
        ("hypercorn.protocol.ws_stream", "hypercorn"),
        ("_granian.asgi", "granian"),
        ("somebody.elses", "this server"),
    ],
)
def test_it_is_the_package_of_what_sends(module, name):
    assert server_name(of_module(module).send) == name


def test_a_partial_is_what_it_calls():
    assert server_name(partial(of_module("daphne.server").send, None)) == "daphne"


def test_a_wrapped_send_belongs_to_nobody_known():
    assert server_name(asyncio.Queue().put) == "this server"
