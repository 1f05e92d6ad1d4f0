import pytest
from django.core.exceptions import ImproperlyConfigured

from monitoring import conf
from monitoring.core.heartbeat import Heartbeat
from monitoring.runtime import Runtime, build
from monitoring.wrapper import Options, _served, monitored

PLAIN = Options(parts=(), exclude=(), identify=None, guard=(), ping=None)


def test_nothing_is_built_before_the_server_starts(settings, in_memory_layer, monkeypatch):
    built = []
    monkeypatch.setattr("monitoring.runtime.build", lambda settings: built.append(settings))
    monitored(None)
    assert built == []


def test_the_setting_says_how_many_pings_a_second_the_heartbeat_sends(settings, in_memory_layer, monkeypatch):
    settings.AVATAR_MONITORING = {"AVATAR_PINGS_PER_SECOND": "1"}
    monkeypatch.setattr("monitoring.runtime.current", lambda: build(conf.current()))
    (heartbeat,) = [part for part in _served(None, PLAIN).parts if isinstance(part, Heartbeat)]
    for _ in range(30):
        heartbeat.add(object())
    assert heartbeat.period() == 30.0


def test_a_bad_setting_is_reported_before_the_server_starts(settings):
    settings.AVATAR_MONITORING = {"AVATAR_SITE": "two words"}
    with pytest.raises(ImproperlyConfigured, match="AVATAR_SITE=two words: must be 1 to 32 letters"):
        monitored(None)


async def test_a_project_is_served_even_if_monitoring_cannot_be_built(settings, monkeypatch, caplog):
    def broken() -> Runtime:
        raise OSError("no more descriptors")

    served = []

    async def app(scope, receive, send):
        served.append(scope["type"])

    monkeypatch.setattr("monitoring.runtime.current", broken)
    await _served(app, PLAIN).app({"type": "websocket", "path": "/ws/"}, None, None)
    assert served == ["websocket"]
    assert "Monitoring cannot start" in caplog.text


@pytest.mark.parametrize(
    ("options", "is_wrapped"),
    [({}, False), ({"guard": True}, True), ({"guard": ["/ws/"]}, True), ({"exclude": ["/ws/"]}, False)],
)
def test_off_means_that_the_application_is_not_wrapped_unless_it_asks_for_limits(settings, options, is_wrapped):
    settings.AVATAR_MONITORING = {"AVATAR_MONITORING_ENABLED": "false"}
    application = object()
    assert (monitored(application, **options) is not application) is is_wrapped
