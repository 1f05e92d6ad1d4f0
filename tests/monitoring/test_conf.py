from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from monitoring import conf
from monitoring.parsers import FOREVER

ORIGINS = "origins such as https://example.com or capacitor://localhost, or null, separated by commas"


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


def test_a_list_is_its_texts_and_none_is_as_if_unset():
    token = "abcdefghijklmnopqrstuvwxyz"
    loaded = conf.load(
        {"AVATAR_API_TOKENS": [token], "AVATAR_SITE": None, "AVATAR_ALLOWED_ORIGINS": ("https://a.example", "null")}
    )
    assert (loaded.api_tokens, loaded.site, loaded.allowed_origins) == (
        (token,),
        conf.load({}).site,
        ("https://a.example", "null"),
    )


def test_values_may_be_python_values():
    assert conf.load({"AVATAR_MONITORING_ENABLED": False, "AVATAR_METRICS_INTERVAL": 2}).metrics_interval == 2


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1_800), ("2h", 7_200), (" 1D ", 86_400), ("0s", 0)])
def test_durations_are_written_with_a_unit(text, seconds):
    assert conf.load({"AVATAR_KEEP_SECONDS": text}).keep_seconds == timedelta(seconds=seconds)


def test_retention_may_be_forever_or_years():
    loaded = conf.load({"AVATAR_KEEP_MINUTES": "forever", "AVATAR_KEEP_HOURS": "2y"})
    assert (loaded.keep_minutes, loaded.keep_hours) == (FOREVER, timedelta(days=730))


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("AVATAR_MONITORING_ENABLED", "maybe", "true or false"),
        ("AVATAR_METRICS_INTERVAL", "0", "a number from 0.1 to 60"),
        ("AVATAR_METRICS_INTERVAL", "nan", "a number from 0.1 to 60"),
        ("AVATAR_MEMORY_ALERT_THRESHOLD", "-1", "a number from 0 to 100"),
        ("AVATAR_MONITOR_CPU_BUDGET", "0", "a number from 0.01 to 100"),
        ("AVATAR_PINGS_PER_SECOND", "0", "a number from 1 to 10000"),
        ("AVATAR_STALE_CLIENT_SECONDS", "0", "a number from 1 to 86400"),
        ("AVATAR_KEEP_SECONDS", "25h", "a duration from 0s to 24h, such as 90s, 30m, 2h or 30d"),
        ("AVATAR_KEEP_MINUTES", "47h", "a duration from 2d to 100y, such as 90s, 30m, 2h or 30d, or forever"),
        ("AVATAR_KEEP_HOURS", "30 days", "a duration from 2d to 100y, such as 90s, 30m, 2h or 30d, or forever"),
        ("AVATAR_ALLOWED_ORIGINS", "example.com", ORIGINS),
        ("AVATAR_ALLOWED_ORIGINS", "https://", ORIGINS),
        ("AVATAR_ALLOWED_ORIGINS", "https://a.example/page", ORIGINS),
        ("AVATAR_ALLOWED_ORIGINS", "https://a.example,evil", ORIGINS),
    ],
)
def test_a_bad_value_is_one_line_with_name_value_and_what_is_allowed(name, text, allowed):
    line = f"{name}={text}: must be {allowed}"
    assert conf.problems({name: text}) == [line]
    with pytest.raises(ImproperlyConfigured, match=f"^{line}$"):
        conf.load({name: text})


def test_all_bad_values_are_listed():
    assert len(conf.problems(dict.fromkeys(conf.VARIABLES, "bad!"))) == len(conf.VARIABLES)


def test_unknown_names_are_reported_with_the_nearest_known_one():
    assert conf.unknown_names({"AVATAR_METRIC_INTERVAL": "1", "AVATAR_CPU_ALERT_THRESHOLD": "1"}, conf.VARIABLES) == [
        "AVATAR_METRIC_INTERVAL is not a known variable; did you mean AVATAR_METRICS_INTERVAL?"
    ]


def test_current_settings_are_those_of_the_project(settings):
    settings.AVATAR_MONITORING = {"AVATAR_METRICS_INTERVAL": "3"}
    assert conf.current().metrics_interval == 3


@pytest.mark.parametrize("between", [", ", ",", " "])
def test_tokens_are_separated_by_commas_or_spaces(between):
    tokens = conf.load({"AVATAR_API_TOKENS": f" {'a' * 20}{between}{'b' * 30} ,"}).api_tokens
    assert tokens == ("a" * 20, "b" * 30)


@pytest.mark.parametrize("text", ["short", f"{'a' * 20},short", "a space in a token of many", "é" * 30])
def test_a_bad_token_is_refused_but_not_shown(text):
    (line,) = conf.problems({"AVATAR_API_TOKENS": text})
    assert line.startswith("AVATAR_API_TOKENS=(hidden): must be tokens of at least 20 printable")
    assert text not in line


def test_tokens_are_not_shown_with_the_settings():
    assert "secret" not in repr(conf.load({"AVATAR_API_TOKENS": "a-secret-of-twenty-letters"}))


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://localhost:4318", "http://localhost:4318/v1/metrics"),
        ("https://otlp.example/", "https://otlp.example/v1/metrics"),
        ("https://otlp.example/team/v1/metrics", "https://otlp.example/team/v1/metrics"),
        ("", ""),
    ],
)
def test_an_otlp_receiver_has_the_usual_path_unless_one_is_given(text, url):
    assert conf.load({"AVATAR_OTLP_ENDPOINT": text}).otlp_endpoint == url


@pytest.mark.parametrize("text", ["localhost:4318", "grpc://localhost", "http://", "http://[", "http://host:port"])
def test_anything_else_is_not_a_receiver(text):
    assert conf.problems({"AVATAR_OTLP_ENDPOINT": text}) == [
        f"AVATAR_OTLP_ENDPOINT={text}: must be a URL such as http://localhost:4318"
    ]


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_a_blank_text_counts_as_unset(text):
    blank = dict.fromkeys(conf.VARIABLES, text)
    assert conf.load(blank) == conf.load({})
    assert conf.problems(blank) == []


AWKWARD = [
    *("nan", "inf", "-1", "1e400", "0x10", "1,5", "80%", "true false", "tru\ne", "x" * 5_000, "\0", "\u202etxt", "[]"),
    *("redis://user:hush-hush@host", "http://user:hush-hush@host:port", "postgres://h/?password=hush-hush"),
    *("user=u password=hush host=h", "password='hush hush'", "http://h?api_key=hush", "redis://h?password=p#hush&hush"),
]


@pytest.mark.parametrize("text", AWKWARD)
def test_any_value_is_accepted_or_refused_in_one_short_line_without_a_password(text):
    for line in conf.problems(dict.fromkeys(conf.VARIABLES, text)):
        assert line.partition("=")[0] in conf.VARIABLES
        assert ": must be " in line
        assert line.isprintable()
        assert len(line) < 400
        assert "hush" not in line


def test_origins_are_separated_by_commas_or_spaces():
    loaded = conf.load({"AVATAR_ALLOWED_ORIGINS": " https://a.example , https://b.example/  https://c.example"})
    assert loaded.allowed_origins == ("https://a.example", "https://b.example", "https://c.example")


def test_origins_of_apps_and_null_may_be_allowed():
    text = "capacitor://localhost, tauri://localhost,chrome-extension://abcdefgh, null, file://, ionic://localhost/"
    assert conf.load({"AVATAR_ALLOWED_ORIGINS": text}).allowed_origins == (
        "capacitor://localhost", "tauri://localhost", "chrome-extension://abcdefgh", "null", "file://", "ionic://localhost",
    )  # fmt: skip


def test_the_settings_are_parsed_once(monkeypatch):
    parsed = []
    load = conf.load
    monkeypatch.setattr(conf, "load", lambda *args, **more: parsed.append(None) or load(*args, **more))
    with override_settings(AVATAR_MONITORING={"AVATAR_METRICS_INTERVAL": "3.25"}):
        assert [conf.current().metrics_interval for _ in range(3)] == [3.25] * 3
    assert len(parsed) == 1


OVERRIDES = [
    ("AVATAR_MONITORING", {"AVATAR_CPU_ALERT_THRESHOLD": "70"}, "cpu_alert_threshold", 70.0),
    ("AVATAR_MONITORING", {"AVATAR_KEEP_SECONDS": "1h"}, "keep_seconds", timedelta(hours=1)),
    ("AVATAR_MONITORING", {"AVATAR_MONITORING_ENABLED": False}, "enabled", False),
    ("AVATAR_MONITORING", {"AVATAR_ALLOWED_ORIGINS": "https://a.example"}, "allowed_origins", ("https://a.example",)),
    ("REDIS_URL", "redis://elsewhere:6379/1", "redis_url", "redis://elsewhere:6379/1"),
    ("REDIS_URL", None, "redis_url", ""),
    ("AVATAR_SPILL_DIR", "/srv/spill", "spill_directory", Path("/srv/spill")),
    ("AVATAR_SPILL_DIR", None, "spill_directory", None),
]


@pytest.mark.parametrize(("name", "value", "field", "expected"), OVERRIDES)
def test_the_settings_follow_an_override_and_go_back(name, value, field, expected):
    before = conf.current()
    assert getattr(before, field) != expected
    with override_settings(**{name: value}):
        assert getattr(conf.current(), field) == expected
        with override_settings(**{name: getattr(settings, name)}):
            assert getattr(conf.current(), field) == expected
    assert conf.current() == before


def test_the_settings_follow_what_django_signals_nothing_of():
    with override_settings(AVATAR_MONITORING={}, REDIS_URL="redis://elsewhere"):
        assert conf.current().metrics_interval == 1.0
        settings.AVATAR_MONITORING["AVATAR_METRICS_INTERVAL"] = "4"
        assert conf.current().metrics_interval == 4.0
        settings.AVATAR_MONITORING = {"AVATAR_METRICS_INTERVAL": "5"}
        assert conf.current().metrics_interval == 5.0
        del settings.REDIS_URL
        assert conf.current().redis_url == ""


@pytest.mark.parametrize(
    "url",
    [
        "redis://h:6379/0",
        " redis://h ",
        "redis://:p@h/1?health_check_interval=5",
        "rediss://u:p@h:6380/0?ssl_cert_reqs=none",
        "unix:///run/redis.sock?db=2",
    ],
)
def test_one_server_of_redis_is_named_by_its_url(url):
    with override_settings(REDIS_URL=url):
        assert conf.current().redis_url == url.strip()


@pytest.mark.parametrize(
    ("url", "begins"),
    [
        ({"host": "h", "password": "hush"}, "The setting REDIS_URL is a dict"),
        (["redis://:hush@h"], "The setting REDIS_URL is a list"),
        (b"redis://:hush@h", "The setting REDIS_URL is a bytes"),
        (("h", 6379), "The setting REDIS_URL is a tuple"),
        (Path("/run/redis.sock"), "The setting REDIS_URL is a PosixPath"),
        ("redis+sentinel://:hush@h:26379/mymaster", "REDIS_URL=redis+sentinel://:***@h:26379/mymaster"),
        ("sentinel://h", "REDIS_URL=sentinel://h"),
        ("redis+socket:///run/redis.sock", "REDIS_URL=redis+socket:///run/redis.sock"),
        ("h:6379", "REDIS_URL=h:6379"),
    ],
)
def test_any_other_form_is_refused_with_what_is_allowed_and_without_a_password(url, begins):
    with override_settings(REDIS_URL=url), pytest.raises(ImproperlyConfigured) as error:
        conf.current()
    assert str(error.value).startswith(f"{begins}: must be the URL of one server, as a text: redis://")
    assert "hush" not in str(error.value)


def test_a_bad_value_raises_each_time_it_is_asked_for():
    with override_settings(AVATAR_MONITORING={"AVATAR_METRICS_INTERVAL": "fast"}):
        for _ in range(2):
            with pytest.raises(ImproperlyConfigured, match="AVATAR_METRICS_INTERVAL=fast"):
                conf.current()
    assert conf.current()


def test_neither_tokens_nor_the_password_of_redis_are_shown():
    shown = repr(conf.load({"AVATAR_API_TOKENS": "a-secret-of-twenty-letters"}, redis_url="redis://:secret@host"))
    assert "secret" not in shown
