import errno
import os
from pathlib import Path

import pytest

from monitoring.journal import spill as module
from monitoring.journal.spill import Spill
from monitoring.journal.spill_file import SpillFile
from monitoring.journal.spill_record import record


@pytest.fixture
def spill(tmp_path) -> Spill:
    return Spill(tmp_path, "web:1", "boot1")


def left(directory: Path, name: str, *batches: bytes) -> None:
    """What a killed process left."""
    (directory / f"{name}.spill").write_bytes(b"".join(map(record, batches)))


def failing(number: int):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    return fail


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def taken(spill: Spill, *, own: bool) -> list[bytes]:
    found = []
    while batches := spill.first(own=own):
        found += batches
        spill.take_first(own=own)
    return found


def test_the_file_is_there_while_something_waits_in_it(spill, tmp_path):
    assert names(tmp_path) == []
    spill.append([b"1"])
    assert (names(tmp_path), spill.has_own) == (["web:1-boot1.spill"], True)
    assert taken(spill, own=True) == [b"1"]
    assert (names(tmp_path), spill.has_own) == ([], False)
    spill.append([b"2"])
    assert taken(spill, own=True) == [b"2"]


def test_a_node_s_name_cannot_leave_the_directory(tmp_path):
    Spill(tmp_path / "spill", "../web:1/x", "boot1").append([b"1"])
    assert names(tmp_path / "spill") == ["___web:1_x-boot1.spill"]


def test_what_dead_processes_left_is_taken_over_oldest_first(spill, tmp_path):
    left(tmp_path, "web:2-boot2", b"2", b"3")
    left(tmp_path, "web:3-boot3", b"1")
    os.utime(tmp_path / "web:3-boot3.spill", (1, 1))
    spill.append([b"own"])
    assert spill.adopt() == 3
    assert taken(spill, own=False) == [b"1", b"2", b"3"]
    assert names(tmp_path) == ["web:1-boot1.spill"]


def test_what_another_living_node_has_is_left_to_it(spill, tmp_path):
    other = Spill(tmp_path, "web:2", "boot2")
    other.append([b"1"])
    assert spill.adopt() == 0
    other.close()
    assert spill.adopt() == 1


def test_the_dead_are_taken_over_a_few_at_a_time(spill, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_ADOPTED", 2)
    for number in range(3):
        left(tmp_path, f"web-{number}", b"1")
    assert spill.adopt() == 2
    taken(spill, own=False)
    assert spill.adopt() == 1


def test_a_torn_record_is_counted_and_said(spill, tmp_path, caplog):
    (tmp_path / "web-2.spill").write_bytes(record(b"1") + b"torn")
    spill.adopt()
    assert (taken(spill, own=False), spill.set_aside, names(tmp_path)) == ([b"1"], 1, ["web-2.bad"])
    assert "1 torn record" in caplog.text


def test_of_what_was_set_aside_the_last_ten_are_kept(spill, tmp_path):
    for number in range(12):
        (tmp_path / f"{number}.bad").touch()
        os.utime(tmp_path / f"{number}.bad", (number, number))
    spill.adopt()
    assert names(tmp_path) == sorted(f"{number}.bad" for number in range(2, 12))


def test_what_a_killed_process_had_just_begun_is_removed(spill, tmp_path):
    (tmp_path / "web-2.new").touch()
    assert spill.adopt() == 0
    assert names(tmp_path) == []


def test_beyond_its_bytes_the_older_half_goes_and_is_counted(tmp_path, caplog):
    spill = Spill(tmp_path, "web:1", "boot1", max_bytes=100_000)
    for number in range(300):
        spill.append([b"%04d" % number * 250])
    assert (tmp_path / "web:1-boot1.spill").stat().st_size < 120_000
    kept = taken(spill, own=True)
    assert spill.dropped == 300 - len(kept) > 100
    assert kept[-1] == b"0299" * 250
    assert "lost the oldest" in caplog.text


def test_a_directory_that_holds_too_much_takes_no_more(spill, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_DIRECTORY_BYTES", 10)
    left(tmp_path, "web-2", b"1")
    with pytest.raises(OSError, match="are already waiting there"):
        spill.append([b"1"])


def test_a_file_that_cannot_be_read_is_given_up_and_counted(spill, monkeypatch, caplog):
    spill.append([b"1", b"2"])
    monkeypatch.setattr(SpillFile, "first", failing(errno.EIO))
    assert (spill.first(own=True), spill.dropped, spill.has_own) == ([], 2, False)
    assert "lost 2 batches" in caplog.text


def test_a_file_that_cannot_be_removed_is_said(spill, monkeypatch, caplog):
    spill.append([b"1"])
    monkeypatch.setattr(Path, "unlink", failing(errno.EROFS))
    assert taken(spill, own=True) == [b"1"]
    assert "replayed again" in caplog.text


def test_what_cannot_be_taken_over_is_said_and_the_others_are(spill, tmp_path, caplog):
    (tmp_path / "web-2.spill").mkdir()
    os.utime(tmp_path / "web-2.spill", (1, 1))
    left(tmp_path, "web-3", b"1")
    assert spill.adopt() == 1
    assert "web-2.spill was left by a dead process and cannot be read" in caplog.text


def test_without_a_directory_there_is_nothing_to_take_over(tmp_path):
    assert Spill(tmp_path / "nowhere", "web:1", "boot1").adopt() == 0


def test_closing_leaves_all_to_whoever_starts_next(spill, tmp_path):
    left(tmp_path, "web:2-boot2", b"1")
    spill.adopt()
    spill.append([b"2"])
    spill.close()
    assert Spill(tmp_path, "web:3", "boot3").adopt() == 2


def test_a_file_of_another_release_is_left_to_it_which_is_said_once(spill, tmp_path, caplog):
    left(tmp_path, "web:2-boot2", b"2")
    other = tmp_path / "web:3-boot3.spill"
    other.write_bytes(record(b"3").replace(b"SP1", b"SP2"))
    assert [spill.adopt(), spill.adopt()] == [1, 0]
    assert taken(spill, own=False) == [b"2"]
    assert names(tmp_path) == [other.name]
    (line,) = (entry.getMessage() for entry in caplog.records)
    assert line.startswith(f"The spill file of {other.name}: it is left to the release that wrote it")


def test_what_another_release_had_just_begun_is_left_to_it_and_hides_nothing(spill, tmp_path):
    (tmp_path / "web:2-boot2.new").write_bytes(b"\xabSP2 of its own form")
    left(tmp_path, "web:3-boot3", b"1")
    assert (spill.adopt(), taken(spill, own=False)) == (1, [b"1"])
    assert names(tmp_path) == ["web:2-boot2.new"]
