import pytest

from monitoring.checks import channel_layers, releases

CORE = "channels_redis.core.RedisChannelLayer"


def ids() -> list[str]:
    return [message.id for message in channel_layers.check_channel_layers()]


@pytest.mark.parametrize(
    ("hosts", "is_bad"),
    [
        (None, True),
        (["redis://localhost"], True),
        ([("localhost", 6379)], True),
        ([{"address": "redis://localhost"}], True),
        ([{"address": "redis://localhost", "socket_timeout": 5}], True),
        ([{"address": "redis://localhost", "socket_timeout": 15}], False),
        ([{"address": "redis://localhost", "socket_timeout": None}], False),
        ([{"address": "redis://a", "socket_timeout": None}, "redis://b"], True),
    ],
)
def test_a_core_layer_that_would_close_idle_websockets_is_a_warning(settings, monkeypatch, hosts, is_bad):
    monkeypatch.setattr(releases, "installed", lambda _: (8, 1, 0))
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": CORE, "CONFIG": {"hosts": hosts} if hosts else {}}}
    assert ids() == ["avatar_monitoring.W007"] * is_bad


@pytest.mark.parametrize(
    "layers",
    [
        None,
        {},
        {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
        {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"}},
    ],
)
def test_any_other_layer_and_none_are_fine(settings, layers):
    settings.CHANNEL_LAYERS = layers
    assert ids() == []


def test_an_older_redis_client_is_fine(settings, monkeypatch):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": CORE}}
    monkeypatch.setattr(releases, "installed", lambda _: (7, 4, 0))
    assert ids() == []
