import gzip
import json
import signal
import subprocess
import sys
from io import StringIO

import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from monitoring.columns import timestamp
from monitoring.export.formats import Csv
from monitoring.models import Alert, ClientSession, Hour, PruneWatermark
from monitoring.storage.rows import store
from tests.monitoring.batches import MINUTE, alert, arrived, batch, minute, sample
from tests.site import ROOT

pytestmark = pytest.mark.django_db
RANGE = ("--from", "2023-11-14T22:00", "--to", "2023-11-14T23:00")


def export(*arguments: str) -> None:
    call_command("export_metrics", *arguments)


def exported(capsys, *arguments: str) -> list[dict]:
    export(*RANGE, "--format", "jsonl", *arguments)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_only_rows_go_to_standard_output(capsys):
    minute(messages=5)
    export(*RANGE, "--format", "jsonl")
    said = capsys.readouterr()
    assert json.loads(said.out)["messages"] == 5
    assert said.err == "wrote 1 row to standard output\n"


def test_without_from_it_exports_the_last_24_hours_and_says_so(capsys):
    now = timezone.now().timestamp() // 60 * 60
    minute(now - 90_000, messages=1)
    minute(now - 80_000, messages=2)
    export("--format", "jsonl")
    said = capsys.readouterr()
    assert [json.loads(line)["messages"] for line in said.out.splitlines()] == [2]
    assert "no --from given: exporting the 24 hours from 20" in said.err


def test_without_from_it_exports_the_24_hours_before_to(capsys):
    minute(messages=5)
    export("--to", "2023-11-15", "--format", "jsonl")
    said = capsys.readouterr()
    assert json.loads(said.out)["messages"] == 5
    assert "the 24 hours from 2023-11-14T00:00:00Z to 2023-11-15T00:00:00Z" in said.err


def test_a_caller_may_take_the_text():
    minute(messages=5)
    out = StringIO()
    call_command("export_metrics", *RANGE, "--metric", "messages", stdout=out)
    assert out.getvalue().splitlines()[1].endswith(",60.0,5")


def test_a_file_is_written_completely_and_leaves_nothing_else(tmp_path, capsys):
    minute()
    export(*RANGE, "--output", str(tmp_path / "out.csv"))
    assert (tmp_path / "out.csv").read_bytes().count(b"\r\n") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.json", "out.json.gz", "out.csv.gz"])
def test_the_format_follows_the_files_ending(tmp_path, name):
    minute(messages=5)
    export(*RANGE, "--metric", "messages", "--output", str(tmp_path / name))
    data = (tmp_path / name).read_bytes()
    text = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
    assert text[0] == {"csv": "m", "jsonl": "{", "json": "["}[name.split(".")[1]]
    assert text.rstrip("}\r\n]").endswith("5")


def test_a_parquet_file_is_typed(tmp_path):
    minute(messages=5)
    export(*RANGE, "--output", str(tmp_path / "out.parquet"))
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.to_pylist()[0]["minute"] == timestamp(MINUTE)
    assert str(table.schema.field("latency_p95_ms").type) == "double"


def test_the_end_is_exclusive(capsys):
    minute(MINUTE)
    assert exported(capsys, "--to", "2023-11-14T22:14") == []


def test_the_start_may_be_relative_to_now(capsys):
    export("--from", "-2h", "--to", "now")
    assert capsys.readouterr().out.startswith("minute,node,boot,host,coverage_seconds,messages,")


def test_it_can_cover_one_node_or_all_together(capsys):
    minute(messages=1)
    minute(node="web:2", messages=2)
    assert [row["messages"] for row in exported(capsys, "--node", "web:2")] == [2]
    assert [row["messages"] for row in exported(capsys, "--fleet")] == [3]


def test_it_can_use_a_coarser_resolution(capsys):
    minute(messages=1)
    minute(MINUTE + 60, messages=2)
    Hour.from_sample("web:1", "a", "web", sample(messages=7)).save()
    assert [row["messages"] for row in exported(capsys, "--resolution", "hour")] == [7]
    [row] = exported(capsys, "--bucket", "30m", "--metric", "messages")
    assert (row["bucket"], row["coverage_seconds"], row["messages"]) == ("2023-11-14T22:00:00Z", 120, 3)


def test_it_can_export_alerts_and_sessions(capsys):
    known = {"metric": "latency_ms", "subject": "web:1", "value": 1, "threshold": 1, "peak": 1}
    Alert.objects.create(started_at=timestamp(MINUTE), ended_at=timestamp(MINUTE + 2), **known)
    ClientSession.objects.create(connected_at=timestamp(MINUTE), session_id="s", client_id="ada")
    assert [row["duration_seconds"] for row in exported(capsys, "--of", "alerts")] == [2]
    assert exported(capsys, "--of", "alerts", "--metric", "cpu_percent") == []
    assert [row["client_id"] for row in exported(capsys, "--of", "sessions")] == ["ada"]


def test_it_says_where_older_rows_are(capsys):
    PruneWatermark.objects.create(tier="minute", pruned_until=MINUTE)
    export(*RANGE)
    assert (
        "minutes before 2023-11-14T22:14:00Z are kept only as hours: use --resolution hour" in capsys.readouterr().err
    )
    export("--from", "2023-11-14T22:14", "--to", "2023-11-14T23:00")
    assert "kept as" not in capsys.readouterr().err


def test_a_file_is_overwritten_only_with_force(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("precious")
    with pytest.raises(CommandError, match=f"^--output {path}: it already exists; --force overwrites it$"):
        export(*RANGE, "--output", str(path))
    assert path.read_text() == "precious"
    export(*RANGE, "--output", str(path), "--force")
    assert path.read_text().startswith("minute,")


def test_a_failure_leaves_the_file_unchanged(tmp_path, monkeypatch):
    minute()
    path = tmp_path / "out.csv"
    path.write_text("precious")
    monkeypatch.setattr(Csv, "add", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(*RANGE, "--output", str(path), "--force")
    assert (path.read_text(), [one.name for one in tmp_path.iterdir()]) == ("precious", ["out.csv"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "-2x"], "-2x: must be now, a time ago"),
        (["--from", "now", "--to", "-2h"], "must be before --to"),
        (["--from", "-2h", "--format", "xml"], r"'xml' \(choose from 'csv', 'jsonl', 'json', 'parquet'\)"),
        (["--from", "-2h", "--resolution", "week"], "invalid choice: 'week'"),
        (
            ["--from", "-2h", "--of", "nodes"],
            r"invalid choice: 'nodes' \(choose from 'metrics', 'alerts', 'sessions', ",
        ),
        (["--from", "-2h", "--node", "caf\udce9"], r"argument --node: caf\\udce9: must be at most 255 characters"),
        (["--from", "-2h", "--bucket", "5"], "argument --bucket: 5: must be a length such as 5m, 2h or 7d"),
        (["--from", "-2h", "--bucket", "90m", "--resolution", "hour"], "^--bucket of 5400 s: must be a multiple"),
        (["--from", "-2h", "--metric", "cpu"], "^--metric cpu: must be one of cpu_percent, "),
        (["--from", "-2h", "--of", "alerts", "--fleet"], "^--fleet: works only with --of metrics"),
        (["--from", "-2h", "--output", "/nowhere/out.csv"], "the directory /nowhere does not exist"),
        (["--from", "-2h", "--resume"], "^--resume: works only with --output FILE"),
        (
            ["--from", "-2h", "--resume", "--output", "a.parquet"],
            "^--resume: works only with --format csv, jsonl, j",
        ),
        (["--from", "-2h", "--output", "a.parquet.gz"], "^--output a.parquet.gz: .gz needs --format csv, jsonl, json"),
    ],
)
def test_a_bad_argument_is_named_with_what_is_allowed(arguments, message):
    with pytest.raises(CommandError, match=message) as raised:
        export(*arguments)
    # argparse's own errors exit with 2 too, but say so only if no test calls the command.
    assert raised.value.returncode == 2 or str(raised.value).startswith("Error: ")


@pytest.mark.parametrize("moment", ["-2H", "-1h30m", "-2 weeks"])
def test_an_invalid_time_that_looks_like_an_option_is_named(moment):
    with pytest.raises(CommandError, match=f"argument --from: {moment}: must be now, a time ago"):
        export("--from", moment)


def test_a_disk_that_accepts_nothing_is_named(tmp_path):
    path = tmp_path / ("x" * 300)
    with pytest.raises(CommandError, match=f"^--output {path}: File name too long$"):
        export(*RANGE, "--output", str(path))


def test_alerts_of_a_node_include_those_of_its_clients(capsys):
    store(arrived(batch(alerts=[alert("firing", metric="stale_client_seconds", subject="ada")], node="web:7")))
    assert [row["subject"] for row in exported(capsys, "--of", "alerts", "--node", "web:7")] == ["ada"]
    assert exported(capsys, "--of", "alerts", "--node", "web:8") == []


def test_a_terminal_shows_progress_and_speed(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    minute(messages=5)
    assert [row["messages"] for row in exported(capsys)] == [5]


def test_a_parquet_file_is_not_written_to_a_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with pytest.raises(CommandError, match=r"^--format parquet: needs a file or a pipe, not a terminal$"):
        export(*RANGE, "--format", "parquet")


IN_SMALL_PARTS = """
from django.core.management import call_command
from monitoring.export import part_file, reading
reading.CHUNK, part_file.SAVED_EVERY = 20, 0.0
"""
DYING = f"""
import os, signal, sys
import django
django.setup()
{IN_SMALL_PARTS}
append, appended = part_file.PartFile.append, 0
def dying(self, *arguments, **options):
    global appended
    appended += 1
    if appended == 9:
        self._file.write(b"half a row")
        self._file.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    append(self, *arguments, **options)
part_file.PartFile.append = dying
call_command("export_metrics", *sys.argv[1:])
"""

FILL = """
import random
from monitoring.models import Minute
from tests.monitoring.batches import MINUTE, random_sample
source = random.Random(1)
Minute.objects.bulk_create(
    Minute.from_sample(node, node, "web", random_sample(MINUTE + 60 * at, source))
    for at in range(150) for node in ("web:1", "web:2")
)
"""


def test_a_killed_export_resumes_to_the_same_bytes(site, tmp_path):
    site.shell(FILL)

    def arguments(path) -> list[str]:
        return ["--from", "2023-11-01", "--to", "2023-12-01", "--output", str(path)]

    for ending in ("csv", "json.gz"):
        whole, resumed = tmp_path / f"whole.{ending}", tmp_path / f"resumed.{ending}"
        site.shell(f"{IN_SMALL_PARTS}call_command('export_metrics', *{arguments(whole)})")
        assert site.spawn("-c", DYING, *arguments(resumed)).wait(60) == -signal.SIGKILL, site.logs()
        assert (resumed.exists(), resumed.with_name(f"{resumed.name}.part").exists()) == (False, True)
        site.shell(f"{IN_SMALL_PARTS}call_command('export_metrics', *{arguments(resumed)}, '--resume')")
        assert resumed.read_bytes() == whole.read_bytes()


def test_a_reader_that_has_seen_enough_ends_it_quietly(site):
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} manage.py export_metrics --from -2h | true; exit ${{PIPESTATUS[0]}}"],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
