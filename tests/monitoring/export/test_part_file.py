import gzip
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from monitoring.export.part_file import PartFile, PartFileError, Progress

START = datetime(2026, 11, 23, tzinfo=UTC)
END = START + timedelta(days=1)


class CrashError(Exception):
    pass


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "out.csv"


def part_file(path: Path, **options) -> PartFile:
    """One whose clock runs so fast that whatever is appended is noted at once."""
    fresh = Progress(
        {"--from": "-1d", **options.pop("asked", {})}, START, END, columns=options.pop("columns", ["time"])
    )
    return PartFile(path, fresh, clock=count(step=2).__next__, **{"overwrite": False, "resume": False} | options)


def append(part: PartFile, *rows: int) -> None:
    for row in rows:
        part.append(f"row {row}\n".encode(), rows=1, after=START + timedelta(seconds=row))


def crash(path: Path, *rows: int, unnoted: bytes = b"") -> None:
    """Writes these rows, perhaps half a one more, and dies."""
    with suppress(CrashError), part_file(path) as part:
        append(part, *rows)
        part.append(unnoted)
        raise CrashError


def names(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir())


def test_the_file_gets_its_name_when_all_of_it_is_written(path):
    with part_file(path) as part:
        append(part, 1, 2)
        assert not path.exists()
    assert path.read_text() == "row 1\nrow 2\n"
    assert names(path) == ["out.csv"]


def test_what_was_written_before_a_crash_is_kept_and_gone_on_with(path):
    crash(path, 1, 2, unnoted=b"row")
    assert names(path) == ["out.csv.part", "out.csv.part.json"]
    with part_file(path, resume=True) as part:
        assert (part.progress.rows, part.progress.after) == (2, START + timedelta(seconds=2))
        append(part, 3)
    assert path.read_text() == "row 1\nrow 2\nrow 3\n"
    assert names(path) == ["out.csv"]


def test_the_range_is_still_that_of_the_beginning(path):
    crash(path, 1)
    later = Progress({"--from": "-1d"}, START + timedelta(hours=1), END + timedelta(hours=1), columns=["time"])
    with PartFile(path, later, overwrite=False, resume=True) as part:
        assert (part.progress.start, part.progress.end) == (START, END)


def test_without_resume_it_starts_over(path):
    crash(path, 1, 2)
    with part_file(path) as part:
        append(part, 7)
    assert path.read_text() == "row 7\n"


def test_with_nothing_to_resume_it_starts(path):
    with part_file(path, resume=True) as part:
        append(part, 1)
    assert path.read_text() == "row 1\n"


def test_what_was_asked_for_otherwise_is_not_gone_on_with(path):
    crash(path, 1)
    with pytest.raises(PartFileError, match=r"out.csv.part was begun with --from -1d: --resume needs the same"):
        PartFile(path, Progress({"--from": "-2d"}, START, END), overwrite=False, resume=True)
    with part_file(path, resume=True) as part:
        append(part, 2)
    assert path.read_text() == "row 1\nrow 2\n"


def test_an_option_more_is_otherwise_too(path):
    crash(path, 1)
    with pytest.raises(PartFileError, match="was begun without --node"):
        part_file(path, resume=True, asked={"--node": ["web:1"]})


def test_a_crash_before_anything_was_noted_leaves_nothing(path):
    with suppress(CrashError), part_file(path) as part:
        part.append(b"header\n")
        raise CrashError
    assert names(path) == []


def test_it_is_noted_how_far_it_is_once_a_second(path):
    moments = iter([0.0, 0.5, 1.0, 1.0, 1.5])
    with (
        suppress(CrashError),
        PartFile(path, Progress({}, START, END), overwrite=False, resume=False, clock=lambda: next(moments)) as part,
    ):
        append(part, 1)
        assert not part.is_resumable
        append(part, 2, 3)
        raise CrashError
    with PartFile(path, Progress({}, START, END), overwrite=False, resume=True) as part:
        assert part.progress.rows == 2


def test_a_name_that_ends_with_gz_is_compressed_piece_by_piece(path):
    path = path.with_name("out.csv.gz")
    with part_file(path) as part:
        append(part, 1, 2, 3)
    whole = path.read_bytes()
    assert gzip.decompress(whole) == b"row 1\nrow 2\nrow 3\n"
    path.unlink()
    crash(path, 1, 2)
    with part_file(path, resume=True) as part:
        append(part, 3)
    assert path.read_bytes() == whole


def test_a_file_is_overwritten_only_when_that_is_asked_for(path):
    path.write_text("precious")
    with pytest.raises(
        PartFileError, match=f"^--output {re.escape(str(path))}: it already exists; --force overwrites it$"
    ):
        part_file(path)
    with part_file(path, overwrite=True) as part:
        append(part, 1)
        assert path.read_text() == "precious"
    assert path.read_text() == "row 1\n"


def test_two_exports_do_not_write_one_file(path):
    with part_file(path) as part:
        append(part, 1)
        with pytest.raises(PartFileError, match="another export is writing it"):
            part_file(path, resume=True)
        append(part, 2)
    assert path.read_text() == "row 1\nrow 2\n"


def test_only_an_ordinary_file_is_replaced(tmp_path):
    with pytest.raises(PartFileError, match=r"^--output /dev/null: it is not a regular file"):
        part_file(Path("/dev/null"), overwrite=True)
    with pytest.raises(PartFileError, match=r"the directory .*nowhere does not exist"):
        part_file(tmp_path / "nowhere" / "out.csv")


def test_a_link_stays_a_link_to_what_is_written(tmp_path, path):
    link = tmp_path / "latest.csv"
    link.symlink_to(path)
    with part_file(link) as part:
        append(part, 1)
    assert (link.is_symlink(), path.read_text()) == (True, "row 1\n")


def test_notes_that_cannot_be_read_are_named(path):
    crash(path, 1)
    path.with_name("out.csv.part.json").write_text("{")
    with pytest.raises(PartFileError, match=r"out.csv.part.json: .*without --resume the export starts over"):
        part_file(path, resume=True)


def test_notes_that_vouch_for_more_than_there_is_are_refused(path):
    crash(path, 1, 2)
    part = path.with_name("out.csv.part")
    part.write_bytes(part.read_bytes()[:3])
    with pytest.raises(PartFileError, match="has 3 of the 12 bytes that were noted"):
        part_file(path, resume=True)
    part.unlink()
    with pytest.raises(PartFileError, match="has 0 of the 12 bytes that were noted"):
        part_file(path, resume=True)


def test_killed_at_the_last_moment_it_leaves_no_notes_without_their_part(path, monkeypatch):
    def killed(*_):
        raise CrashError

    part = part_file(path)
    monkeypatch.setattr(Path, "replace", lambda self, target: killed() if target == path else Path.rename(self, target))
    with suppress(CrashError), part:
        append(part, 1)
    assert "out.csv.part.json" not in names(path)


def test_what_another_release_began_with_other_columns_is_not_gone_on_with(path):
    crash(path, 1)
    with pytest.raises(PartFileError, match="was begun by another release: without --resume the export starts over"):
        part_file(path, resume=True, columns=["time", "added"])
