import pytest

from monitoring import environment
from monitoring.checks import as_configured, releases
from monitoring.core import probe


def lines(check) -> dict[str, str]:
    return {message.id: message.msg for message in check()}


def test_each_bad_setting_is_an_error_with_one_line(settings):
    settings.AVATAR_MONITORING = {"AVATAR_METRICS_INTERVAL": "fast", "AVATAR_CPU_ALERT_THRESHOLD": "101"}
    errors = as_configured.check_settings()
    assert [(message.id, message.msg) for message in errors] == [
        ("avatar_monitoring.E001", f"{line} (in the setting AVATAR_MONITORING)")
        for line in (
            "AVATAR_METRICS_INTERVAL=fast: must be a number from 0.1 to 60",
            "AVATAR_CPU_ALERT_THRESHOLD=101: must be a number from 0 to 100",
        )
    ]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("AVATAR_MONITORING", "x", "AVATAR_MONITORING=x: must be a dict of variables' names and their values"),
        ("AVATAR_MONITORING", {"AVATAR_API_TOKENS": {"a": 1}}, "AVATAR_API_TOKENS=(hidden): must be a text, a number"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL=localhost:6379: must be the URL of one server"),
        ("REDIS_URL", "redis://:secret@localhost/0?nonsense=1", "REDIS_URL=redis://:***@localhost/0?nonsense=1: "),
        ("REDIS_URL", 5, "The setting REDIS_URL is a int: must be "),
        ("AVATAR_SPILL_DIR", 5, "AVATAR_SPILL_DIR=5: must be a path"),
    ],
)
def test_a_setting_of_another_kind_is_an_error_with_one_line(settings, name, value, says):
    setattr(settings, name, value)
    assert lines(as_configured.check_settings)["avatar_monitoring.E001"].startswith(says)


def test_an_unknown_setting_is_a_warning_with_the_likely_name(settings):
    settings.AVATAR_MONITORING = {"AVATAR_CPU_ALERT_TRESHOLD": "80"}
    (warning,) = lines(as_configured.check_settings).values()
    assert warning == "AVATAR_CPU_ALERT_TRESHOLD is not a known variable; did you mean AVATAR_CPU_ALERT_THRESHOLD?"


@pytest.fixture
def variables(monkeypatch):
    found: dict[str, str] = {}
    monkeypatch.setattr(environment, "variables", lambda: found)
    return found


def test_of_the_environment_only_likely_typing_errors_are_named(settings, variables):
    settings.AVATAR_MONITORING = {}
    variables.update(AVATAR_CPU_ALERT_TRESHOLD="80", AVATAR_SIZE="large")
    assert lines(as_configured.check_settings) == {
        "avatar_monitoring.W001": "AVATAR_CPU_ALERT_TRESHOLD is not a known variable; did you mean "
        "AVATAR_CPU_ALERT_THRESHOLD? (environment variable)"
    }


def test_a_spill_directory_in_the_environment_alone_has_no_effect(settings, variables):
    variables["AVATAR_SPILL_DIR"] = "/srv/spill"
    assert lines(as_configured.check_spill_directory) == {}
    settings.AVATAR_SPILL_DIR = None
    assert "is a Django setting only" in lines(as_configured.check_spill_directory)["avatar_monitoring.W002"]


def test_a_missing_psutil_is_information(monkeypatch):
    assert lines(as_configured.check_psutil) == {}
    monkeypatch.setattr(probe, "PSUTIL_AVAILABLE", False)
    (message,) = as_configured.check_psutil()
    assert "psutil is not installed" in message.msg
    assert message.hint == "pip install psutil, or the extra avatar-monitoring[system]"


def test_an_otlp_endpoint_without_the_packages_is_an_error_that_says_what_to_install(settings, monkeypatch):
    settings.AVATAR_MONITORING = {"AVATAR_OTLP_ENDPOINT": "http://localhost:4318"}
    monkeypatch.setattr(releases, "installed", lambda _: (1, 45, 0))
    assert as_configured.check_otlp() == []
    monkeypatch.setattr(releases, "installed", lambda name: () if "otlp" in name else (1, 45, 0))
    (error,) = as_configured.check_otlp()
    assert "opentelemetry-exporter-otlp-proto-http is not installed" in error.msg
    assert error.hint.startswith("pip install opentelemetry-sdk")


@pytest.mark.parametrize("mapping", [{}, {"AVATAR_OTLP_ENDPOINT": " "}])
def test_without_an_otlp_endpoint_no_packages_are_needed(settings, monkeypatch, mapping):
    settings.AVATAR_MONITORING = mapping
    monkeypatch.setattr(releases, "installed", lambda _: ())
    assert as_configured.check_otlp() == []


def test_without_time_zones_history_cannot_be_stored(settings):
    assert as_configured.check_time_zones() == []
    settings.USE_TZ = False
    assert "avatar_monitoring.W003" in lines(as_configured.check_time_zones)
    settings.REDIS_URL = None
    assert as_configured.check_time_zones() == []
