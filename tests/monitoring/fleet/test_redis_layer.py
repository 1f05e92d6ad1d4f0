import asyncio

import pytest

from avatar_site.supervisor.embedded_valkey import EmbeddedValkey
from monitoring.fleet.redis_layer import WaitingPubSubChannelLayer


@pytest.fixture(scope="module")
def valkey(tmp_path_factory):
    server = EmbeddedValkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def layer(valkey):
    layer = WaitingPubSubChannelLayer(hosts=[{"address": f"unix://{valkey.socket}?db=0", "socket_timeout": None}])
    yield layer
    await layer.flush()


async def member(layer, group: str = "nodes") -> str:
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    return channel


async def test_a_group_receives_what_is_sent_to_it(layer):
    channel = await member(layer)
    await layer.group_send("nodes", {"type": "news", "text": "hello"})
    assert await layer.receive(channel) == {"type": "news", "text": "hello"}


async def test_a_channel_that_joins_while_another_waits_receives_messages_too(layer):
    first = await member(layer)
    waiting = asyncio.create_task(layer.receive(first))
    await asyncio.sleep(0)
    second = await member(layer, "others")
    await layer.group_send("others", {"type": "news"})
    await layer.group_send("nodes", {"type": "olds"})
    assert await layer.receive(second) == {"type": "news"}
    assert await waiting == {"type": "olds"}


async def test_a_waiting_receiver_sleeps_until_a_message_comes(layer, monkeypatch):
    channel = await member(layer)
    await layer.group_send("nodes", {"type": "olds"})
    await layer.receive(channel)
    waiting = asyncio.create_task(layer.receive(channel))
    selector = asyncio.get_running_loop()._selector
    turns = []
    select = selector.select
    monkeypatch.setattr(selector, "select", lambda timeout: turns.append(timeout) or select(timeout))
    await asyncio.sleep(0.35)
    assert len(turns) <= 3
    await layer.group_send("nodes", {"type": "news"})
    assert await waiting == {"type": "news"}
