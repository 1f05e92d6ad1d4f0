import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from monitoring.export import COLUMNS
from tests.monitoring.batches import MINUTE, minute
from tests.site import ROOT

pytestmark = pytest.mark.django_db
RANGE = ("--from", "2023-11-14T22:00", "--to", "2023-11-14T23:00")


def export(*arguments: str) -> None:
    call_command("export_metrics", *arguments)


def test_standard_output_gets_the_rows_only(capsys):
    minute(messages=5)
    export(*RANGE, "--format", "jsonl")
    said = capsys.readouterr()
    assert json.loads(said.out)["messages"] == 5
    assert said.err == "wrote 1 rows to standard output\n"


def test_a_file_is_written_whole_and_alone(tmp_path, capsys):
    minute()
    export(*RANGE, "--output", str(tmp_path / "out.csv"))
    assert (tmp_path / "out.csv").read_bytes().count(b"\r\n") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert capsys.readouterr().out == ""


def test_the_end_is_not_included(capsys):
    minute(MINUTE)
    export("--from", "2023-11-14T22:00", "--to", "2023-11-14T22:14", "--format", "jsonl")
    assert capsys.readouterr().out == ""


def test_the_start_may_be_so_long_ago(capsys):
    export("--from", "-2h", "--to", "now")
    assert capsys.readouterr().out.startswith(",".join(COLUMNS))


def test_it_can_be_of_one_node_only(capsys):
    minute()
    minute(node="web:2")
    export(*RANGE, "--format", "jsonl", "--node", "web:2")
    assert json.loads(capsys.readouterr().out)["node"] == "web:2"


def test_a_file_is_overwritten_only_by_force(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("precious")
    with pytest.raises(CommandError, match=f"^--output {path}: it exists already; --force overwrites it$"):
        export(*RANGE, "--output", str(path))
    assert path.read_text() == "precious"
    export(*RANGE, "--output", str(path), "--force")
    assert path.read_text().startswith("minute,")


def test_a_failure_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    minute()
    path = tmp_path / "out.csv"
    path.write_text("precious")
    monkeypatch.setattr("monitoring.export._percentiles", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(*RANGE, "--output", str(path), "--force")
    assert (path.read_text(), [one.name for one in tmp_path.iterdir()]) == ("precious", ["out.csv"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "-2x"], "-2x: allowed is now, a time ago"),
        (["--from", "now", "--to", "-2h"], "allowed is a time before --to"),
        (["--from", "-2h", "--format", "xml"], r"invalid choice: 'xml' \(choose from 'csv', 'jsonl', 'json'\)"),
        (["--from", "-2h", "--resolution", "week"], "invalid choice: 'week'"),
        (["--from", "-2h", "--output", "/nowhere/out.csv"], "the directory /nowhere does not exist"),
    ],
)
def test_a_bad_argument_is_named_with_what_is_allowed(arguments, message):
    with pytest.raises(CommandError, match=message):
        export(*arguments)


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path):
    environment = {**os.environ, "AVATAR_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "avatar_site.settings"}
    manage = f"{sys.executable} manage.py"
    done = subprocess.run(
        ["bash", "-c", f"{manage} migrate -v 0 && {manage} export_metrics --from -2h | true; exit ${{PIPESTATUS[0]}}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
