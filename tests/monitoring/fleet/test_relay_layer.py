import pytest
from channels.layers import InMemoryChannelLayer, channel_layers, get_channel_layer

from monitoring.fleet.bus import Bus
from monitoring.fleet.redis_layer import WaitingPubSubChannelLayer
from monitoring.fleet.relay_layer import relay_layer
from tests.waiting import until

URL = "unix:///nowhere/valkey.sock"
IN_MEMORY = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
PUB_SUB = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [URL]}}}
BROKEN = {"default": {"BACKEND": "nowhere.Layer"}}


@pytest.fixture
def project(settings):
    """Sets the project's layers."""

    def have(layers: dict) -> None:
        settings.CHANNEL_LAYERS = layers
        channel_layers.backends = {}

    yield have
    channel_layers.backends = {}


@pytest.mark.parametrize("layers", [PUB_SUB, {}, IN_MEMORY, BROKEN], ids=["another", "none", "in memory", "broken"])
async def test_one_is_made_from_redis_url_and_nobody_else_gets_it(project, layers):
    project(layers)
    layer = relay_layer(URL)
    assert isinstance(layer, WaitingPubSubChannelLayer)
    assert layer.prefix == "avatar"
    assert layer not in channel_layers.backends.values()


def test_without_redis_url_the_projects_own_layer_is_used(project):
    project(PUB_SUB)
    assert relay_layer("") is get_channel_layer()


def test_without_redis_the_layer_in_memory_is_used(project):
    project(IN_MEMORY)
    assert isinstance(relay_layer(""), InMemoryChannelLayer)


@pytest.mark.parametrize("layers", [{}, BROKEN], ids=["none", "broken"])
def test_without_redis_and_layer_this_node_is_alone(project, layers):
    project(layers)
    assert relay_layer("") is None


def test_a_broken_layer_is_said(project, caplog):
    project(BROKEN)
    relay_layer("")
    assert "The default channel layer in CHANNEL_LAYERS cannot be used" in caplog.text


async def test_nodes_of_a_project_without_layers_reach_each_other_through_redis(project, settings, redis_url):
    project({})
    settings.AVATAR_MONITORING = {"AVATAR_SITE": "test"}
    heard = []
    nodes = [Bus("relay", lambda _, item: heard.append(item), name=name, layer=relay_layer(redis_url)) for name in "ab"]
    for node in nodes:
        await node.start()
    try:
        await until(lambda: not nodes[0].alone and not nodes[1].alone, seconds=10)
        nodes[0].send("hello")
        await until(lambda: heard == ["hello"], seconds=10)
    finally:
        for node in nodes:
            await node.stop()
    assert get_channel_layer() is None
