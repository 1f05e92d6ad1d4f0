import pytest
from django.core.checks import run_checks

from monitoring import checks
from monitoring.core import probe

# Since Django 6.1 the checks of models ask the database what it can do.
pytestmark = pytest.mark.django_db

CORE = "channels_redis.core.RedisChannelLayer"


def found(**kwargs) -> dict[str, str]:
    return {message.id: message.msg for message in run_checks(**kwargs) if message.id.startswith("avatar_monitoring.")}


def test_the_site_itself_passes_every_check():
    assert found() == {}


def test_each_bad_setting_is_an_error_with_one_line(settings):
    settings.AVATAR_MONITORING = {"AVATAR_METRICS_INTERVAL": "fast", "AVATAR_CPU_ALERT_THRESHOLD": "101"}
    errors = [message for message in run_checks() if message.id == "avatar_monitoring.E001"]
    assert [message.msg for message in errors] == [
        "AVATAR_METRICS_INTERVAL=fast: must be a number from 0.1 to 60",
        "AVATAR_CPU_ALERT_THRESHOLD=101: must be a number from 0 to 100",
    ]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("AVATAR_MONITORING", "x", "AVATAR_MONITORING=x: must be a dict of variables' names and their values"),
        ("AVATAR_MONITORING", {"AVATAR_API_TOKENS": {"a": 1}}, "AVATAR_API_TOKENS=(hidden): must be a text, a number"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL=localhost:6379: Redis URL must specify one of"),
        ("REDIS_URL", "redis://:secret@localhost/0?nonsense=1", "REDIS_URL=redis://:***@localhost/0?nonsense=1: "),
        ("REDIS_URL", 5, "REDIS_URL=5: "),
        ("AVATAR_SPILL_DIR", 5, "AVATAR_SPILL_DIR=5: must be a path"),
    ],
)
def test_a_setting_of_another_kind_is_an_error_with_one_line(settings, name, value, says):
    setattr(settings, name, value)
    assert found()["avatar_monitoring.E001"].startswith(says)


def test_an_unknown_setting_is_a_warning_with_the_likely_name(settings):
    settings.AVATAR_MONITORING = {"AVATAR_CPU_ALERT_TRESHOLD": "80"}
    assert "did you mean AVATAR_CPU_ALERT_THRESHOLD?" in found()["avatar_monitoring.W001"]


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
def test_a_core_layer_that_would_close_idle_websockets_is_an_error(settings, monkeypatch, hosts, is_bad):
    monkeypatch.setattr(checks, "installed", lambda _: (8, 1, 0))
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": CORE, "CONFIG": {"hosts": hosts} if hosts else {}}}
    assert ("avatar_monitoring.E002" in found()) == is_bad


def test_an_older_redis_client_or_the_other_layer_is_fine(settings, monkeypatch):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"}}
    assert "avatar_monitoring.E002" not in found()
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": CORE}}
    monkeypatch.setattr(checks, "installed", lambda _: (7, 4, 0))
    assert "avatar_monitoring.E002" not in found()


@pytest.mark.parametrize(("version", "is_bad"), [((4, 2, 1), True), ((4, 2, 2), False), ((5, 0), False), ((), False)])
def test_a_daphne_with_a_known_vulnerability_is_an_error(monkeypatch, version, is_bad):
    monkeypatch.setattr(checks, "installed", lambda _: version)
    assert ("avatar_monitoring.E003" in found()) == is_bad


def test_a_missing_psutil_is_a_warning(monkeypatch):
    monkeypatch.setattr(probe, "PSUTIL_AVAILABLE", False)
    assert "psutil is not installed" in found()["avatar_monitoring.W002"]


def test_versions_are_numbers():
    assert checks.installed("django") >= (5, 2)
    assert checks.installed("no-such-package") == ()


def test_an_otlp_endpoint_without_the_packages_is_an_error_that_says_what_to_install(settings, monkeypatch):
    settings.AVATAR_MONITORING = {"AVATAR_OTLP_ENDPOINT": "http://localhost:4318"}
    assert "avatar_monitoring.E004" not in found()
    monkeypatch.setattr(checks, "installed", lambda name: () if "otlp" in name else (1, 45, 0))
    (error,) = [message for message in run_checks() if message.id == "avatar_monitoring.E004"]
    assert "opentelemetry-exporter-otlp-proto-http is not installed" in error.msg
    assert error.hint.startswith("pip install opentelemetry-sdk")


@pytest.mark.parametrize("mapping", [{}, {"AVATAR_OTLP_ENDPOINT": " "}])
def test_without_an_otlp_endpoint_no_packages_are_needed(settings, monkeypatch, mapping):
    settings.AVATAR_MONITORING = mapping
    monkeypatch.setattr(checks, "installed", lambda _: ())
    assert "avatar_monitoring.E004" not in found()
