"""The names of nodes; each process here is a real one."""

import errno
import os
import signal
import socket
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from monitoring import conf
from monitoring.fleet import node_name, totals
from monitoring.fleet.node_name import own_name
from tests.forks import in_a_fork
from tests.monitoring.fleet.test_totals import node, written

HOST = socket.gethostname()


class Process:
    """A process that has a name until it is killed: a fork of this one, which has imported everything."""

    def __init__(self, directory: Path, redis_url: str = "unix:///nowhere", *given: str) -> None:
        self._named, naming = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                os.write(naming, self._take_name(directory, redis_url, *given).encode() + b"\n")
                signal.pause()
            finally:
                os._exit(1)
        os.close(naming)

    @staticmethod
    def _take_name(directory: Path, redis_url: str, *given: str) -> str:
        settings.AVATAR_SPILL_DIR, settings.REDIS_URL = directory, redis_url
        settings.AVATAR_MONITORING = {"AVATAR_SITE": "test", **({"AVATAR_NODE_NAME": given[0]} if given else {})}
        return own_name().name

    @property
    def name(self) -> str:
        with os.fdopen(self._named) as named:
            return named.readline().strip()

    def kill(self) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0


@pytest.fixture
def start(tmp_path):
    """Starts a process; returns its name."""
    processes = []

    def start(*arguments: str, directory: Path = tmp_path) -> tuple[str, Process]:
        processes.append(Process(directory, *arguments))
        return processes[-1].name, processes[-1]

    yield start
    for process in processes:
        process.kill()


@pytest.fixture
def fresh(settings, tmp_path):
    """This process, as if it had no name yet."""
    settings.AVATAR_SPILL_DIR = tmp_path
    settings.REDIS_URL = None
    node_name._forked()
    yield
    node_name._forked()


def test_processes_on_one_host_are_numbered_and_a_killed_ones_number_goes_to_the_next(start):
    (first, killed), (second, _) = start(), start()
    assert (first, second) == (f"{HOST}:1", f"{HOST}:2")
    killed.kill()
    assert start()[0] == f"{HOST}:1"
    assert start()[0] == f"{HOST}:3"


def test_the_first_process_has_exactly_the_given_name(start):
    assert [start("unix:///nowhere", "web-a")[0] for _ in range(2)] == ["web-a", "web-a:2"]
    assert start("unix:///nowhere", "web-b")[0] == "web-b"


def test_a_given_name_that_looks_like_a_numbered_one_is_used_only_once(start):
    assert start()[0] == f"{HOST}:1"
    assert start("unix:///nowhere", f"{HOST}:1")[0] == f"{HOST}:1:2"


def test_a_disk_without_locks_does_not_prevent_a_start(fresh, monkeypatch, caplog):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(node_name.fcntl, "flock", no_locks)
    assert own_name().name == f"{HOST}:{os.getpid()}"
    assert "may have another name after a restart: [Errno 37] No locks available" in caplog.text


def test_a_disk_without_links_is_not_filled_by_restarts(fresh, settings, monkeypatch):
    def no_links(*_):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(node_name.os, "link", no_links)
    assert own_name().name == f"{HOST}:{os.getpid()}"
    assert list((Path(settings.AVATAR_SPILL_DIR) / "nodes").iterdir()) == []


def test_processes_with_one_host_name_and_no_common_directory_see_each_other_on_redis(start, redis_url, tmp_path):
    names = [start(redis_url, directory=tmp_path / container)[0] for container in ("a", "b")]
    assert names == [f"{HOST}:1", f"{HOST}:2"]


def test_a_killed_process_gets_its_name_back_at_once_in_its_directory(start, redis_url, tmp_path):
    _, killed = start(redis_url)
    killed.kill()
    assert start(redis_url)[0] == f"{HOST}:1"


def test_a_node_that_writes_totals_elsewhere_keeps_its_name(fresh, settings, redis, redis_url):
    settings.REDIS_URL = redis_url
    written(redis, node(f"{HOST}:1", place="elsewhere"))
    assert own_name().name == f"{HOST}:2"


def test_a_node_that_wrote_no_totals_for_a_while_loses_its_name(fresh, settings, redis, redis_url):
    settings.REDIS_URL = redis_url
    written(redis, node(f"{HOST}:1", place="elsewhere"), seconds_ago=13)
    assert own_name().name == f"{HOST}:1"


def test_the_name_stays_the_same_in_one_process(fresh):
    assert own_name() is own_name()


def test_a_fork_has_its_own_name(fresh):
    assert own_name().name == f"{HOST}:1"
    assert in_a_fork(lambda: own_name().name) == f"{HOST}:2"
    assert in_a_fork(lambda: own_name().name) == f"{HOST}:2"


def test_without_a_directory_redis_decides(fresh, settings, redis, redis_url):
    settings.AVATAR_SPILL_DIR, settings.REDIS_URL = None, redis_url
    assert own_name().name == f"{HOST}:1"
    node_name._forked()
    assert own_name().name == f"{HOST}:2"


def test_without_directory_and_redis_the_name_has_the_process_id(fresh, settings, caplog):
    settings.AVATAR_SPILL_DIR = "/proc/nowhere"
    assert own_name().name == f"{HOST}:{os.getpid()}"
    (line,) = (record.getMessage() for record in caplog.records)
    assert "may have another name after a restart" in line


@pytest.mark.parametrize("text", ["web-1", "eu.web_1:a", "A" * 64, " web-1 "])
def test_a_name_consists_of_letters_digits_and_a_few_signs(text):
    assert conf.load({"AVATAR_NODE_NAME": text}).node_name == text.strip()


@pytest.mark.parametrize("text", ["two words", "a" * 65, "web#1", "a\x07b", "a\nb", "é", "/", "a,b"])
def test_any_other_name_is_refused_in_one_line(text):
    with pytest.raises(ImproperlyConfigured) as error:
        conf.load({"AVATAR_NODE_NAME": text})
    (line,) = str(error.value).splitlines()
    assert line.startswith("AVATAR_NODE_NAME=")
    assert line.endswith(": must be 1 to 64 letters, digits, dots, dashes, underscores and colons")


def test_only_the_later_start_of_a_killed_node_counts(redis):
    written(redis, node("web:1", boot="killed", place="p", messages=5), seconds_ago=20)
    written(redis, node("web:1", boot="again", place="p", messages=1))
    written(redis, node("web:1", boot="other", place="q", messages=2))
    assert {one.boot for one in totals.read(redis)} == {"again", "other"}
