"""Who holds a lock and who waits, in processes of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

from avatar_site.supervisor.start_lock import file_lock
from tests.site import ROOT

HOLDER = """
import sys
from pathlib import Path
from avatar_site.supervisor.start_lock import file_lock
with file_lock(print, Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """A process that holds the lock until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path / "lock"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_one_who_has_to_wait_says_so_once(tmp_path, holder):
    said = []

    def say(line: str) -> None:
        said.append(line)
        holder.stdin.close()

    with file_lock(say, tmp_path / "lock"):
        assert holder.wait(10) == 0
    assert said == [f"Another process is preparing {tmp_path / 'lock'}: waiting for it."]


def test_one_that_is_killed_holds_nothing(tmp_path, holder):
    holder.kill()
    holder.wait()
    said: list[str] = []
    with file_lock(said.append, tmp_path / "lock"):
        assert said == []


def test_the_file_is_its_owners_only_and_a_directory_will_do(tmp_path):
    with file_lock(print, tmp_path / "lock"):
        assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
    with file_lock(print, tmp_path):
        assert [path.name for path in Path(tmp_path).iterdir()] == ["lock"]
