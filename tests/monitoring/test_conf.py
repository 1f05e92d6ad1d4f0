import pytest
from django.core.exceptions import ImproperlyConfigured

from monitoring import conf


def test_without_variables_the_defaults_are_those_of_the_specification():
    loaded = conf.load({})
    assert (loaded.enabled, loaded.metrics_interval) == (True, 1.0)
    assert loaded.alert_thresholds == {
        "cpu_percent": 80,
        "memory_percent": 85,
        "latency_ms": 100,
        "stale_client_seconds": 60,
    }


def test_every_variable_reaches_its_field():
    loaded = conf.load(
        {
            "AVATAR_MONITORING_ENABLED": "false",
            "AVATAR_METRICS_INTERVAL": "2.5",
            "AVATAR_CPU_ALERT_THRESHOLD": "70",
            "AVATAR_ALLOWED_ORIGINS": "https://a.example/, http://b.example",
        }
    )
    assert (loaded.enabled, loaded.metrics_interval, loaded.cpu_alert_threshold) == (False, 2.5, 70)
    assert loaded.allowed_origins == ("https://a.example", "http://b.example")


def test_values_may_be_python_s_own():
    assert conf.load({"AVATAR_MONITORING_ENABLED": False, "AVATAR_METRICS_INTERVAL": 2}).metrics_interval == 2


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("AVATAR_MONITORING_ENABLED", "maybe", "true or false"),
        ("AVATAR_METRICS_INTERVAL", "0", "a number from 0.1 to 60"),
        ("AVATAR_METRICS_INTERVAL", "nan", "a number from 0.1 to 60"),
        ("AVATAR_MEMORY_ALERT_THRESHOLD", "-1", "a number from 0 to 100"),
        ("AVATAR_MONITOR_CPU_BUDGET", "0", "a number from 0.01 to 100"),
        ("AVATAR_STALE_CLIENT_SECONDS", "", "a number from 1 to 86400"),
        ("AVATAR_ALLOWED_ORIGINS", "example.com", "origins such as https://example.com, separated by commas"),
    ],
)
def test_a_bad_value_is_one_line_with_name_value_and_what_is_allowed(name, text, allowed):
    line = f"{name}={text}: allowed is {allowed}"
    assert conf.problems({name: text}) == [line]
    with pytest.raises(ImproperlyConfigured, match=f"^{line}$"):
        conf.load({name: text})


def test_all_bad_values_are_listed():
    assert len(conf.problems(dict.fromkeys(conf.VARIABLES, "bad"))) == len(conf.VARIABLES)


def test_unknown_names_are_told_with_the_nearest_known():
    assert conf.unknown_names({"AVATAR_METRIC_INTERVAL": "1", "AVATAR_CPU_ALERT_THRESHOLD": "1"}, conf.VARIABLES) == [
        "AVATAR_METRIC_INTERVAL is not a known variable; did you mean AVATAR_METRICS_INTERVAL?"
    ]


def test_current_settings_are_the_project_s(settings):
    settings.AVATAR_MONITORING = {"AVATAR_METRICS_INTERVAL": "3"}
    assert conf.current().metrics_interval == 3
