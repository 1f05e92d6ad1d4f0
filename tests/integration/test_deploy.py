"""What an operator relies on before and while going into production."""

import subprocess
import sys

import pytest

from tests.site import ROOT, Site


def test_production_variables_leave_nothing_to_warn_of(tmp_path):
    site = Site(
        tmp_path,
        DJANGO_SECRET_KEY="k" * 30 + "0123456789-abcdefghij-ABCDEFGHIJ",
        DJANGO_ALLOWED_HOSTS="avatars.example.com",
        DJANGO_HTTPS="true",
        REDIS_URL="redis://10.0.0.5:6379/0",
    )
    assert "no issues" in site.manage("check", "--deploy", "--fail-level", "WARNING")


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("AVATAR_METRICS_INTERVAL", "0", "a number from 0.1 to 60"),
        ("AVATAR_CPU_ALERT_THRESHOLD", "hot", "a number from 0 to 100"),
        ("AVATAR_MONITORING_ENABLED", "perhaps", "true or false"),
        ("AVATAR_ALLOWED_ORIGINS", "example.com", "origins such as https://example.com"),
        ("AVATAR_AUTH", "closed", "open or ticket"),
        ("DJANGO_DEBUG", "2", "true or false"),
        ("REDIS_URL", "http://localhost", "redis://"),
    ],
)
def test_a_bad_value_stops_the_start_with_a_line_that_names_it(tmp_path, variable, value, allowed):
    site = Site(tmp_path, **{variable: value})
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=site.environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert f"{variable}={value}" in done.stderr
    assert allowed in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_variable_is_named_with_the_one_that_was_meant(tmp_path):
    site = Site(tmp_path, AVATAR_METRIC_INTERVAL="2")
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=site.environment, capture_output=True, text=True
    )
    assert "did you mean AVATAR_METRICS_INTERVAL?" in done.stderr
