"""`monitor_status` as people, monitoring plugins and programs see it."""

import json
import os
import re
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from io import StringIO

import msgspec
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from monitoring import site
from monitoring.alerting import answers, silencing
from monitoring.alerting.environment_channels import GONE
from monitoring.core.metrics import SystemMetrics
from monitoring.fleet import totals
from monitoring.fleet.totals import NodeTotals, ServerTotals
from monitoring.history import site_status
from monitoring.journal import stream
from monitoring.models import Alert, AlertChannel, JournalCursor
from tests.monitoring.alerting.firing import client_alerts, firing
from tests.site import ROOT, eventually

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def running(redis):
    """A site with one node that has 25 clients, whose journal was stored a moment ago."""
    node = NodeTotals(
        node="web:1", boot="b1", host="web", build={}, started_at=stream.now(redis) - 90, written_at=stream.now(redis),
        system=SystemMetrics(0.0, 12.5, 40.0, 1.0, 2.0, 0.0, 0.0), server=ServerTotals(active_connections=25),
    )  # fmt: skip
    redis.hset(totals.key_of(site.name()), "b1", msgspec.msgpack.encode(node))
    JournalCursor.objects.create(stream=stream.keys().stream, drained_at=timezone.now())
    return redis


def run(*arguments: str) -> tuple[int, str]:
    """The exit code and what was printed."""
    said = StringIO()
    try:
        call_command("monitor_status", *arguments, stdout=said)
    except SystemExit as ended:
        return int(ended.code), said.getvalue()
    return 0, said.getvalue()


def test_all_is_well(running):
    code, said = run()
    assert code == 0
    assert said.splitlines()[0] == (
        "MONITOR OK - 1 node, 25 clients; nothing fires that nobody has answered | nodes=1;;;0 clients=25;;;0 "
        "critical=0;;;0 warning=0;;;0 info=0;;;0 acknowledged=0;;;0 silenced=0;;;0 journal_lag=U;;;0 store_lag=0.0s;;;0"
    )
    assert re.search(r"^web:1 +web +25 +12\.5 +40\.0 +– +0:01:3\d$", said, re.MULTILINE)


@pytest.mark.parametrize(("severity", "expected"), [("critical", 2), ("warning", 1), ("info", 0)])
def test_the_most_severe_alert_decides(running, severity, expected):
    firing(severity=severity, last=96.1)
    code, said = run()
    assert code == expected
    assert f"1 {severity} firing: cpu_percent of web 96.1 %" in said.splitlines()[0]
    assert f" {severity}=1;;;0 " in said.splitlines()[0]


def test_while_the_latest_value_is_not_known_it_shows_what_the_alert_fired_with(running):
    """As after a restart, when a rule about all nodes has measured nothing yet."""
    firing("fleet", scope="fleet", value=91.0, last=None)
    said = run()[1]
    assert "cpu_percent of fleet 91.0 %" in said.splitlines()[0]
    assert re.search(r"^warning +cpu_percent +fleet +91\.0 %", said, re.MULTILINE)
    assert json.loads(run("--json")[1])["alerts"][0]["last"] is None


def test_what_somebody_has_answered_is_shown_and_does_not_count(running):
    firing("web", severity="critical")
    firing("db", host="db")
    answers.acknowledge(Alert.objects.about_any(["web"]), "ann")
    silencing.create(matchers={"host": "db"}, reason="We move it", by="ann", ends_at=timezone.now() + HOUR)
    code, said = run()
    assert code == 0
    assert "nothing fires that nobody has answered, 1 acknowledged, 1 silenced |" in said
    assert "by ann" in said


def test_a_disabled_channel_is_a_warning(running):
    AlertChannel.objects.create(name="pager", kind="webhook", disabled_at=timezone.now(), disabled_reason="410 | Gone")
    code, said = run()
    assert code == 1
    line = said.splitlines()[0]
    assert "channel pager is disabled: 410 / Gone" in line
    assert line.count("|") == 1


@pytest.mark.parametrize("how", [{"disabled_reason": GONE}, {"disabled_reason": "410 Gone", "enabled": False}])
def test_a_channel_that_people_switched_off_is_none(running, how):
    AlertChannel.objects.create(name="pager", kind="webhook", disabled_at=timezone.now(), **how)
    assert run()[0] == 0


def test_a_site_without_nodes_is_unknown(running):
    running.delete(totals.key_of(site.name()))
    code, said = run()
    assert code == 3
    assert "no node reports" in said


def test_a_journal_that_nobody_stores_is_unknown(running):
    JournalCursor.objects.update(drained_at=timezone.now() - timedelta(minutes=7))
    code, said = run()
    assert code == 3
    assert "nothing was stored for 7 minutes" in said


def test_without_redis_it_is_unknown_and_the_stored_alerts_are_shown(running, settings):
    firing(severity="critical")
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1/0"
    code, said = run()
    assert code == 3
    assert "Redis cannot be used" in said
    assert "nodes=U" in said
    assert "critical=1" in said
    assert "secret" not in said


def test_a_project_without_redis_is_told_so(settings):
    settings.REDIS_URL = ""
    code, said = run()
    assert code == 3
    assert "the setting REDIS_URL is missing" in said


def test_without_the_database_nothing_is_known(running, monkeypatch):
    def away() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(site_status, "stored_here", away)
    code, said = run("--json")
    found = json.loads(said)
    assert (code, found["status"], found["alerts"], found["clients"]) == (3, "unknown", None, None)
    assert found["problems"] == ["the database cannot be used: connection refused"]


def test_monitoring_that_is_switched_off_is_said(settings):
    settings.AVATAR_MONITORING = {"AVATAR_MONITORING_ENABLED": "false"}
    assert "AVATAR_MONITORING_ENABLED=false" in run()[1]


def test_programs_get_json(running):
    alert = firing(last=96.1)
    answers.acknowledge(Alert.objects.all(), "ann")
    code, said = run("--json")
    found = json.loads(said)
    assert (code, found["code"], found["clients"], found["acknowledged"]) == (0, 0, 25, 1)
    assert found["nodes"][0]["node"] == "web:1"
    began = datetime.fromisoformat(found["nodes"][0]["started_at"])
    assert began.utcoffset() == timedelta(0)
    assert timedelta(seconds=90) <= timezone.now() - began < timedelta(minutes=5)
    (shown,) = found["alerts"]
    assert (shown["id"], shown["last"], shown["acknowledged_by"]) == (alert.pk, 96.1, "ann")


def test_a_table_has_an_end(running):
    client_alerts(30)
    said = run()[1]
    assert "and 10 more: --json lists all" in said
    assert len(json.loads(run("--json")[1])["alerts"]) == 30


@pytest.mark.parametrize("seconds", ["0", "0.1", "nan", "often", "99999"])
def test_a_bad_interval_is_named_and_unknown(seconds):
    with pytest.raises(CommandError, match=r"--watch .*: must be a number from 0\.5 to 3600") as error:
        call_command("monitor_status", "--watch", seconds)
    assert error.value.returncode == 3


def test_a_bad_setting_is_unknown(settings):
    settings.AVATAR_MONITORING = {"AVATAR_CPU_ALERT_THRESHOLD": "high"}
    with pytest.raises(CommandError, match="AVATAR_CPU_ALERT_THRESHOLD=high") as error:
        call_command("monitor_status")
    assert error.value.returncode == 3


def process(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "monitor_status", *arguments]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_unknown_option_is_not_taken_for_a_critical_alert():
    command = process("--loud")
    assert "--loud" in command.communicate(timeout=60)[1]
    assert command.returncode == 3


def test_it_watches_until_it_is_interrupted(tmp_path):
    """Its own data directory has neither a database nor a Valkey."""
    out = tmp_path / "out"
    with out.open("w") as file:
        command = subprocess.Popen(
            [sys.executable, "manage.py", "monitor_status", "--watch", "0.5", "--json"],
            cwd=ROOT,
            env={**os.environ, "AVATAR_DATA_DIR": str(tmp_path), "REDIS_URL": "", "DATABASE_URL": ""},
            stdout=file,
            stderr=subprocess.DEVNULL,
            # A shell ignores SIGINT in what it runs in the background, and so would the command.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        try:
            eventually(lambda: len(out.read_text().splitlines()) >= 2, seconds=60)
            command.send_signal(signal.SIGINT)
            assert command.wait(60) == 3
        finally:
            command.kill()
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert {line["status"] for line in lines} == {"unknown"}
    assert "migrate" in lines[0]["problems"][0]


def test_its_help_keeps_the_lines_of_the_examples():
    text = load_help()
    for line in ("  2 CRITICAL  a critical alert fires", "  python manage.py monitor_status --json | jq .alerts"):
        assert line in text.splitlines()


def load_help() -> str:
    from django.core.management import load_command_class

    return load_command_class("monitoring", "monitor_status").create_parser("manage.py", "monitor_status").format_help()


def test_a_terminal_gets_rich_tables_if_rich_is_installed(running, monkeypatch):
    from monitoring.management import status_report

    firing("a[bold]b", last=96.1)
    status = site_status.site_status()
    shown = status_report.written(status, 100, is_terminal=True)
    assert "a[bold]b" in shown
    assert "┃" in shown
    monkeypatch.setitem(sys.modules, "rich.console", None)
    plain = status_report.written(status, 100, is_terminal=True)
    assert "┃" not in plain
    assert "a[bold]b" in plain
