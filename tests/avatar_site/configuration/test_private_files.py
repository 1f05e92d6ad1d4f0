import os
import sqlite3
import stat
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from avatar_site.configuration import private_files
from avatar_site.configuration.private_files import create_private, make_private
from avatar_site.configuration.secrets import persistent_secret
from tests.site import running_site


@pytest.fixture(autouse=True)
def temporary(monkeypatch, tmp_path):
    """What these tests use lies in the real one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.fixture
def data(tmp_path) -> Path:
    """A data directory as a site of long ago left it, open to everybody."""
    directory = tmp_path / "data"
    names = ["secret_key", "db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "spill/a.spill", "valkey/valkey.log"]
    for name in [*names, "valkey/appendonlydir/a.aof", "celerybeat-schedule.db", "notes"]:
        (directory / name).parent.mkdir(exist_ok=True, parents=True)
        (directory / name).write_text(name)
    for path in (directory, *directory.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return directory


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_to_others(directory: Path) -> list[str]:
    return [path.name for path in (directory, *directory.rglob("*")) if mode(path) & 0o077]


def test_what_the_site_keeps_becomes_private_and_other_files_stay(data):
    make_private(data, data / "db.sqlite3")
    assert open_to_others(data) == ["notes"]
    assert mode(data) == 0o700
    assert mode(data / "db.sqlite3") == 0o600


def test_it_is_said_in_one_line_and_once(data, caplog):
    make_private(data, data / "db.sqlite3")
    assert make_private(data, data / "db.sqlite3") == []
    [record] = caplog.records
    assert record.getMessage().startswith(f"Closed to other users: {data} (was 0755), ")
    assert "\n" not in record.getMessage()


def test_a_database_elsewhere_becomes_private_and_its_directory_stays(data, tmp_path):
    other = tmp_path / "elsewhere" / "site.sqlite3"
    other.parent.mkdir(mode=0o755)
    other.write_text("")
    other.chmod(0o644)
    make_private(data, other)
    assert mode(other) == 0o600
    assert mode(other.parent) == 0o755


def test_a_link_is_not_followed(data, tmp_path):
    target = tmp_path / "target"
    target.write_text("")
    target.chmod(0o644)
    (data / "secret_key").unlink()
    (data / "secret_key").symlink_to(target)
    make_private(data)
    assert mode(target) == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_belongs_to_another_user_stays(data):
    for path in (data, data / "secret_key"):
        os.chown(path, 65534, 65534)
    make_private(data)
    assert (mode(data), mode(data / "secret_key")) == (0o755, 0o644)


def test_a_directory_with_others_in_it_stays_but_not_the_files(data):
    (data / "somebody").mkdir()
    make_private(data)
    assert (mode(data), mode(data / "secret_key")) == (0o755, 0o600)


def test_a_directory_of_everybody_stays(data):
    data.chmod(0o1777)
    make_private(data)
    assert mode(data) == 0o777 | 0o1000


def test_a_directory_above_the_program_stays(data, monkeypatch):
    monkeypatch.setattr(private_files, "__file__", str(data / "module.py"))
    make_private(data)
    assert mode(data) == 0o755


def test_no_directory_is_nothing_to_do(tmp_path):
    assert make_private(tmp_path / "none", tmp_path / "none" / "db.sqlite3") == []


def test_a_new_file_is_its_owners_only_and_an_old_one_stays(tmp_path):
    path = tmp_path / "data" / "db.sqlite3"
    create_private(path)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    path.write_text("kept")
    create_private(path)
    assert path.read_text() == "kept"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for others")
def test_what_root_makes_in_the_folder_of_the_sites_user_belongs_to_that_user(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, 12345, 12346)
    create_private(folder / "db.sqlite3")
    persistent_secret(folder / "secret_key")
    for name in ("db.sqlite3", "secret_key"):
        status = (folder / name).stat()
        assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (12345, 12346, 0o600)


def test_a_server_alone_leaves_nothing_open(tmp_path):
    """Whatever the umask of the shell in which somebody typed `daphne`."""
    with running_site(tmp_path) as site:
        data = tmp_path / "data"
        data.mkdir()
        (data / "db.sqlite3").touch()
        data.chmod(0o755)
        (data / "db.sqlite3").chmod(0o644)
        site.migrate()
        site.daphne()
        # SQLite deletes its log with the last connection: this one keeps what the server writes.
        with closing(sqlite3.connect(data / "db.sqlite3")) as connection:
            connection.execute("SELECT * FROM django_session").fetchall()
            site.sign_in()
            assert (data / "db.sqlite3-wal").exists()
            assert open_to_others(data) == []
        assert site.logs().count("Closed to other users") <= 1


def test_a_directory_in_the_place_of_the_database_stays_open(data, tmp_path):
    (tmp_path / "etc").mkdir(mode=0o755)
    make_private(data, tmp_path / "etc")
    make_private(data, Path("/"))
    assert mode(tmp_path / "etc") == 0o755
