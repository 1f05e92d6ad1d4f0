import pytest
from django.core.exceptions import ImproperlyConfigured

from monitoring import conf, environment


@pytest.fixture
def variables(monkeypatch, settings):
    """Sets environment variables of a host whose Django settings name none."""
    settings.AVATAR_MONITORING = {}

    def set_them(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        environment.variables.cache_clear()

    yield set_them
    monkeypatch.undo()
    environment.variables.cache_clear()


def test_a_variable_holds_in_any_project(variables):
    variables(AVATAR_METRICS_INTERVAL="3", AVATAR_SITE=' "shop" ')
    assert (conf.current().metrics_interval, conf.current().site) == (3.0, "shop")


def test_the_setting_goes_before_the_environment(variables, settings):
    variables(AVATAR_METRICS_INTERVAL="fast", AVATAR_CPU_ALERT_THRESHOLD="70")
    settings.AVATAR_MONITORING = {"AVATAR_METRICS_INTERVAL": 5}
    assert (conf.current().metrics_interval, conf.current().cpu_alert_threshold) == (5.0, 70.0)


@pytest.mark.parametrize("unset", [None, "", " "])
def test_what_the_setting_leaves_out_is_the_environments(variables, settings, unset):
    variables(AVATAR_METRICS_INTERVAL="3")
    settings.AVATAR_MONITORING = {"AVATAR_METRICS_INTERVAL": unset}
    assert conf.current().metrics_interval == 3


def test_an_empty_variable_counts_as_unset(variables):
    variables(AVATAR_METRICS_INTERVAL=" ", AVATAR_SITE='""')
    assert conf.current() == conf.load(
        {}, redis_url=conf.current().redis_url, spill_directory=conf.current().spill_directory
    )


def test_an_error_says_where_the_value_stands(variables, settings):
    variables(AVATAR_METRICS_INTERVAL="fast")
    line = "AVATAR_METRICS_INTERVAL=fast: must be a number from 0.1 to 60 "
    with pytest.raises(ImproperlyConfigured) as error:
        conf.current()
    assert str(error.value) == line + "(environment variable)"
    settings.AVATAR_MONITORING = {"AVATAR_METRICS_INTERVAL": "slow"}
    with pytest.raises(ImproperlyConfigured) as error:
        conf.current()
    assert str(error.value) == line.replace("fast", "slow") + "(in the setting AVATAR_MONITORING)"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AVATAR_METRIC_INTERVAL", "AVATAR_METRICS_INTERVAL"),
        ("AVATAR_CPU_ALERT_TRESHOLD", "AVATAR_CPU_ALERT_THRESHOLD"),
        ("AVATAR_MONITOR_ENABLED", "AVATAR_MONITORING_ENABLED"),
        ("AVATAR_NODENAME", "AVATAR_NODE_NAME"),
        ("AVATAR_SITES", "AVATAR_SITE"),
    ],
)
def test_a_near_miss_of_our_names_is_found(variables, name, meant):
    variables(**{name: "1"})
    assert environment.misspelt(conf.VARIABLES) == {name: meant}


@pytest.mark.parametrize(
    "name",
    [
        *("AVATAR_AUTH", "AVATAR_DATA_DIR", "AVATAR_LOG_FORMAT", "AVATAR_MAX_CONNECTIONS", "AVATAR_TRUSTED_PROXIES"),
        *("AVATAR_SIZE", "AVATAR_BUCKET", "AVATAR_SITE_NAME", "AVATAR_CACHE_SECONDS", "AVATAR_", "AVATAR_MONITORING"),
    ],
)
def test_other_names_may_be_the_hosts_own(variables, name):
    variables(**{name: "1"})
    assert environment.misspelt(conf.VARIABLES) == {}


def test_hosting_platforms_say_which_release_they_run(monkeypatch):
    for name in environment.RELEASES:
        monkeypatch.delenv(name, raising=False)
    assert environment.hosted_release() == ""
    monkeypatch.setenv("RENDER_GIT_COMMIT", "9f8e7d6")
    monkeypatch.setenv("SENTRY_RELEASE", " ")
    assert environment.hosted_release() == "9f8e7d6"
