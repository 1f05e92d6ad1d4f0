import csv
import io
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from monitoring.models import Node
from tests.monitoring.batches import MINUTE, gauge, minute

pytestmark = pytest.mark.django_db
RANGE = ("--from", "2023-11-14T22:14", "--to", "2023-11-14T22:24")
"""Ten minutes from MINUTE on."""


@pytest.fixture(autouse=True)
def busy_minutes():
    for number, value in enumerate((10, 85, 95, 10, 10)):
        minute(MINUTE + 60 * number, cpu_percent=gauge(*[value] * 60))


def run(*options: str, rule: str = "cpu_percent") -> str:
    out = io.StringIO()
    call_command("backtest_alerts", "--rule", rule, *options, stdout=out)
    return out.getvalue()


def error_of(*options: str, **more) -> str:
    with pytest.raises(CommandError) as caught:
        run(*options, **more)
    return str(caught.value)


def test_it_works():
    shown = run(*RANGE)
    assert shown.startswith(
        "cpu_percent from 2023-11-14T22:14:00Z to 2023-11-14T22:24:00Z: computed from stored minutes"
    )
    rows = {line[:12].strip(): line[12:].strip() for line in shown.splitlines()}
    assert rows["threshold"] == "80 %"
    assert (rows["episodes"], rows["time firing"], rows["notices"]) == ("1", "1 min 54 s", "2")
    assert "2023-11-14T22:15:11Z  1 min 54 s" in shown
    assert "peak 95.0 %" in shown


def test_the_changed_rule_stands_beside_it():
    found = json.loads(run(*RANGE, "--enter", "90", "--for", "30", "--format", "json"))
    assert list(found) == ["in_force", "changed"]
    assert [found[name]["rule"]["threshold"] for name in found] == [80, 90]
    assert found["changed"]["rule"]["exit_threshold"] == 85.5
    assert [found[name]["seconds_firing"] for name in found] == [114, 34]
    assert found["changed"]["list"][0]["started_at"] == "2023-11-14T22:16:31Z"


def test_csv_has_one_row_for_each_episode():
    rows = list(csv.DictReader(io.StringIO(run(*RANGE, "--enter", "90", "--format", "csv"))))
    assert [(row["terms"], row["subject"], row["peak"]) for row in rows] == [
        ("in force", "web", "95.0"),
        ("changed", "web", "95.0"),
    ]


def test_by_default_it_is_about_the_last_week():
    minute(MINUTE + 60 * round((time.time() - 3_600 - MINUTE) / 60))
    found = json.loads(run("--format", "json"))["in_force"]
    length = datetime.fromisoformat(found["to"]) - datetime.fromisoformat(found["from"])
    assert (length, found["episodes"]) == (timedelta(days=7), 0)
    assert datetime.now(UTC) - datetime.fromisoformat(found["to"]) < timedelta(minutes=5)


def test_it_can_be_about_one_node():
    Node.objects.create(
        node="web:2", boot="b", host="web", first_seen="2023-11-14T22:14Z", last_seen="2023-11-14T22:14Z"
    )
    minute(MINUTE, node="web:2")
    assert "in force: no episode" in run(*RANGE, "--node", "web:2")


@pytest.mark.parametrize("look", ["table", "json", "csv"])
def test_where_nothing_was_measured_it_says_so_and_fails(look):
    """No episode would otherwise look like a quiet week."""
    out = io.StringIO()
    options = ("--rule", "cpu_percent", "--from", "2024-01-01", "--to", "2024-01-02", "--format", look)
    with pytest.raises(CommandError, match="Nothing was measured in this time") as error:
        call_command("backtest_alerts", *options, stdout=out)
    assert error.value.returncode == 1
    assert "no episode" not in out.getvalue()
    assert ("in force: nothing was measured" in out.getvalue()) == (look == "table")


def test_what_was_measured_before_the_range_is_not_in_it():
    after = ("--from", "2023-11-14T22:20", "--to", "2023-11-14T22:24")
    assert error_of(*after).startswith("Nothing was measured")


def test_a_rule_about_clients_says_why_it_cannot_be_computed():
    assert "client rules need single clients, which are not kept" in run(*RANGE, rule="stale_client_seconds")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--from", "yesterday"), "--from: yesterday: must be now, a time ago"),
        (("--from", "-1d", "--to", "-2d"), "must be before --to"),
        (("--enter", "many"), "--enter: many: must be a number from"),
        (("--exit", "85"), "--exit 85: must be at most the threshold, 80"),
        (("--for", "-1"), "--for -1: must be 0 to 86400 s"),
        (("--node", "nobody"), "--node nobody: must be the name of a node"),
        (("--format", "xml"), "invalid choice: 'xml'"),
    ],
)
def test_bad_input_names_itself(options, expected):
    assert expected in error_of(*options)


def test_an_unknown_rule_is_told_the_names():
    assert error_of(rule="cpu").startswith("--rule cpu: must be one of cpu_percent, memory_percent")
