import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitoring.journal.spill_file import SpillFile
from monitoring.journal.spill_record import record

HOLDS_A_FILE = """
import sys, time
from pathlib import Path
from monitoring.journal.spill_file import SpillFile
file = SpillFile.create(Path(sys.argv[1]))
file.append([b"first", b"second"])
print("written", flush=True)
time.sleep(60)
"""


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "spill" / "web-boot1.spill"


@pytest.fixture
def file(path) -> SpillFile:
    return SpillFile.create(path)


def taken(file: SpillFile) -> list[bytes]:
    """Everything that the file returns, taken as it is returned."""
    found = []
    while batches := file.first():
        found += batches
        file.take_first()
    return found


def left_by_a_dead_process(path: Path, data: bytes) -> SpillFile:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    file = SpillFile.adopt(path)
    assert file is not None
    return file


def test_batches_come_out_in_the_order_in_which_they_went_in(file):
    file.append([b"1", b"2"])
    file.append([b"3"])
    assert (file.records, taken(file), file.records) == (3, [b"1", b"2", b"3"], 0)


def test_batches_that_were_shown_but_not_taken_are_shown_again(file):
    file.append([b"1"])
    assert file.first() == file.first() == [b"1"]


def test_a_hundred_batches_come_in_parts(file):
    file.append([b"%d" % number for number in range(100)])
    assert len(file.first()) == 50
    assert len(taken(file)) == 100


def test_only_its_owner_may_read_it(file):
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_whose_lock_is_held_is_left_alone(file):
    assert SpillFile.adopt(file.path) is None


def test_a_killed_processs_file_can_be_taken_over(path):
    process = subprocess.Popen([sys.executable, "-c", HOLDS_A_FILE, path], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"written\n"
    assert SpillFile.adopt(path) is None
    process.kill()
    process.wait()
    process.stdout.close()
    file = SpillFile.adopt(path)
    assert (file.records, taken(file)) == (2, [b"first", b"second"])


def test_only_one_of_two_finders_gets_it(path):
    first = left_by_a_dead_process(path, record(b"1"))
    assert SpillFile.adopt(path) is None
    taken(first)
    first.finish()
    assert SpillFile.adopt(path) is None


def test_a_file_removed_while_it_was_being_locked_is_not_taken(path, monkeypatch):
    left_by_a_dead_process(path, record(b"1")).close()
    opened = os.open

    def open_and_remove(name, flags):
        descriptor = opened(name, flags)
        path.unlink()
        return descriptor

    monkeypatch.setattr(os, "open", open_and_remove)
    assert SpillFile.adopt(path) is None


def test_finishing_removes_it(file):
    file.append([b"1"])
    taken(file)
    file.finish()
    assert list(file.path.parent.iterdir()) == []


def test_a_file_with_a_torn_record_is_kept_aside_for_a_human(path):
    file = left_by_a_dead_process(path, record(b"1") + record(b"2")[:-1] + record(b"3"))
    assert (file.records, taken(file), file.torn) == (2, [b"1", b"3"], 1)
    file.finish()
    assert [one.name for one in path.parent.iterdir()] == ["web-boot1.bad"]


def test_a_completely_unreadable_file_gives_nothing(path):
    file = left_by_a_dead_process(path, b"a letter of somebody else's")
    assert (taken(file), file.torn, file.waiting_bytes) == ([], 1, 0)


def test_an_append_without_room_leaves_no_trace(file, monkeypatch):
    file.append([b"1"])
    pwrite = os.pwrite
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", lambda descriptor, data, at: pwrite(descriptor, data[:7], at))
        with pytest.raises(OSError, match="No space left"):
            file.append([b"2"])
    file.append([b"3"])
    assert (taken(file), file.torn) == ([b"1", b"3"], 0)


@pytest.fixture
def flushed(monkeypatch) -> list[tuple[str, bytes]]:
    """What was flushed to the disk so far, in order: the name at that moment, and the content of a file."""
    done = []
    fsync = os.fsync

    def note(descriptor):
        name = os.readlink(f"/proc/self/fd/{descriptor}")
        fsync(descriptor)
        done.append((Path(name).name, b"" if Path(name).is_dir() else Path(name).read_bytes()))

    monkeypatch.setattr(os, "fsync", note)
    return done


def test_a_batch_is_on_the_disk_when_it_is_appended(file, flushed):
    file.append([b"1", b"2"])
    file.append([b"3"])
    written = record(b"1") + record(b"2")
    assert flushed == [(file.path.name, written), (file.path.name, written + record(b"3"))]


def unconfirmed(_descriptor: int) -> None:
    raise OSError(5, "Input/output error")


def test_an_append_that_the_disk_does_not_confirm_raises_and_leaves_no_trace(file, monkeypatch):
    file.append([b"1"])
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", unconfirmed)
        with pytest.raises(OSError, match="Input/output error"):
            file.append([b"2"])
    file.append([b"3"])
    assert (taken(file), file.torn) == ([b"1", b"3"], 0)


def test_a_new_file_s_name_is_on_the_disk_before_anything_is_appended(path, flushed):
    SpillFile.create(path)
    assert flushed == [("spill", b"")]


def test_what_making_room_keeps_is_on_the_disk_before_it_replaces_the_file(file, flushed):
    file.append([b"1" * 100, b"2" * 100])
    before = len(flushed)
    file.drop_oldest(0.5)
    kept = file.path.read_bytes()
    assert flushed[before:] == [(file.path.with_suffix(".new").name, kept), ("spill", b"")]


def test_the_older_half_makes_room(file):
    file.append([b"%03d" % number * 1_000 for number in range(200)])
    before = file.waiting_bytes
    assert 50 <= file.drop_oldest(0.5) <= 150
    file.append([b"last"])
    assert file.waiting_bytes < before * 0.7
    left = taken(file)
    assert left[-1] == b"last"
    assert left == sorted(left)
    assert (file.records, file.torn) == (0, 0)


def test_making_room_keeps_the_lock(file):
    file.append([b"1" * 100, b"2" * 100])
    file.drop_oldest(0.5)
    assert SpillFile.adopt(file.path) is None


@pytest.mark.parametrize("call", ["flock", "pread"])
def test_a_file_that_cannot_be_adopted_is_not_kept_open(path, monkeypatch, call):
    """It is tried again every minute, so that a descriptor each time would use up all of them."""
    path.parent.mkdir()
    path.write_bytes(record(b"1"))
    closed = []

    def fails(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(fcntl if call == "flock" else os, call, fails)
    monkeypatch.setattr(os, "close", lambda descriptor, close=os.close: closed.append(close(descriptor)))
    with pytest.raises(OSError, match="Input/output"):
        SpillFile.adopt(path)
    assert len(closed) == 1
