import asyncio
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pytest

from monitoring.core.versions import LEVELS, OwnVersions, change, git_revision, read_versions, running_servers
from tests.waiting import until

LONGEST = 200


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit, made by git itself."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder)
    return folder


def git(folder: Path, *arguments: str) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_GLOBAL": os.devnull}
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "protocol.file.allow=always"]
    command = ["git", *identity, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "a change")
    return git(folder, "rev-parse", "HEAD")


def head(folder: Path) -> str:
    return git(folder, "rev-parse", "HEAD")


def test_the_revision_is_the_checked_out_commit(repository):
    assert git_revision(repository) == head(repository)
    later = commit(repository)
    assert git_revision(repository) == later


def test_a_branch_may_be_packed(repository):
    git(repository, "tag", "other")
    git(repository, "pack-refs", "--all")
    assert not (repository / ".git/refs/heads/main").exists()
    assert git_revision(repository) == head(repository)


def test_no_branch_needs_to_be_checked_out(repository):
    git(repository, "checkout", "--quiet", "--detach")
    assert git_revision(repository) == head(repository)


def test_worktrees_have_their_own(repository, tmp_path):
    git(repository, "worktree", "add", "--quiet", str(tmp_path / "other"))
    other = commit(tmp_path / "other")
    git(repository, "pack-refs", "--all")
    assert git_revision(tmp_path / "other") == other
    assert git_revision(repository) == head(repository) != other


def test_submodules_have_their_own(repository, tmp_path):
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet")
    git(outer, "submodule", "--quiet", "add", str(repository), "inner")
    commit(outer)
    assert git_revision(outer / "inner") == head(repository)


def test_the_project_may_be_in_a_folder_of_the_repository_but_not_far_down(repository):
    deep = repository.joinpath(*"abcdef"[:LEVELS])
    (deep / "deeper").mkdir(parents=True)
    assert git_revision(deep) == head(repository)
    assert git_revision(deep / "deeper") == ""


@pytest.mark.parametrize("text", ["", "ref: refs/heads/none", "ref: ../../secret", "ref: refs/../../secret", "\xff\0"])
def test_a_revision_that_cannot_be_read_is_not_known(repository, text):
    (repository / ".git/HEAD").write_text(text)
    assert git_revision(repository) == ""


def test_without_a_repository_no_revision_is_known(tmp_path):
    folder = tmp_path.joinpath(*"abcdefg")
    folder.mkdir(parents=True)
    assert git_revision(folder) == ""
    (folder / ".git").write_text("something else")
    assert git_revision(folder) == ""


def test_versions_are_those_that_are_installed(repository):
    found = read_versions(repository)
    assert found["code"] == head(repository)[:12]
    assert found["python"] == platform.python_version()
    assert (found["redis"], found["channels_redis"]) == (version("redis"), version("channels-redis"))


def test_a_named_release_goes_before_the_revision_and_that_before_what_the_platform_calls_it(repository):
    assert read_versions(repository, "1.4", "f" * 40)["code"] == "1.4"
    assert read_versions(repository, "", "f" * 40)["code"] == head(repository)[:12]
    assert read_versions(None, "", "f" * 40)["code"] == "f" * 12
    assert read_versions(None, "", " app@1.4\n" + "x" * 99)["code"] == "app@1.4" + "x" * 57
    assert "code" not in read_versions(None)


@pytest.mark.parametrize(
    ("modules", "servers"),
    [
        ([], []),
        (["daphne.server"], []),
        (["uvicorn.server"], ["uvicorn"]),
        (["uvicorn.server", "daphne.server"], ["uvicorn"]),
        (["gunicorn.app.base", "uvicorn.server"], ["gunicorn", "uvicorn"]),
        (["granian"], ["granian"]),
    ],
)
def test_only_servers_that_run_are_named(modules, servers):
    assert running_servers(dict.fromkeys(modules)) == servers


def test_daphne_runs_if_twisted_s_reactor_does():
    modules = {"daphne.server": None, "uvicorn.server": None, "twisted.internet.reactor": SimpleNamespace(running=True)}
    assert running_servers(modules) == ["daphne"]


async def test_a_process_reads_its_versions_once_without_waiting(monkeypatch):
    read = []
    monkeypatch.setattr("monitoring.core.versions.read_versions", lambda *asked: read.append(asked) or {"python": "3"})
    own = OwnVersions(None, "1.4")
    await own.start()
    await until(lambda: own.found)
    await own.stop()
    await own.start()
    await asyncio.sleep(0)
    assert (own.found, len(read)) == ({"python": "3"}, 1)


def test_versions_that_cannot_be_read_are_not_known(monkeypatch, caplog):
    monkeypatch.setattr("monitoring.core.versions.read_versions", lambda *_: 1 / 0)
    own = OwnVersions(None)
    own.read()
    assert own.found == {}
    assert "versions of this process are not known" in caplog.text


def test_a_change_names_libraries_first_and_the_code_last():
    before = {"code": "1a2b3c4d5e6f", "python": "3.12.1", "redis": "6.4.0"}
    after = {"code": "9f8e7d6c5b4a", "python": "3.12.1", "redis": "8.0.1"}
    assert change(before, after, LONGEST) == "redis-py 6.4.0 → 8.0.1, code 1a2b3c4 → 9f8e7d6"
    assert change(after, before, LONGEST) == "redis-py 8.0.1 → 6.4.0, code 9f8e7d6 → 1a2b3c4"


def test_revisions_that_begin_alike_are_written_longer():
    assert change({"code": "1a2b3c4d5e6f"}, {"code": "1a2b3c400000"}, LONGEST) == "code 1a2b3c4d5e6f → 1a2b3c400000"


def test_a_release_is_written_as_it_is_named():
    assert change({"code": "release 1.4"}, {"code": "9f8e7d6c5b4a"}, LONGEST) == "code release 1.4 → 9f8e7d6"


def test_what_only_one_of_them_knows_is_no_change():
    assert change({"python": "3.12.1", "celery": "5.4"}, {"python": "3.12.1", "code": "9f8e7d6c5b4a"}, LONGEST) == ""
    assert change({}, {"python": "3.12.1"}, LONGEST) == ""


def test_another_server_is_a_change():
    before, after = {"daphne": "4.2.2"}, {"gunicorn": "27.0.0", "uvicorn": "0.50.0"}
    assert change(before, after, LONGEST) == "server daphne 4.2.2 → gunicorn 27.0.0 with uvicorn 0.50.0"
    assert change({"python": "3"}, {"python": "3", **before}, LONGEST) == ""


def test_a_long_change_says_how_many_more_there_are():
    before = {"django": "5.1", "channels": "4.1", "redis": "6.4", "celery": "5.4"}
    after = {"django": "5.2", "channels": "4.2", "redis": "8.0", "celery": "5.5"}
    assert len(change(before, after, 50)) <= 50
    assert change(before, after, 50) == "Django 5.1 → 5.2, channels 4.1 → 4.2, and 2 more"
    assert change({"code": "a" * 64}, {"code": "b" * 64}, 20) == "code " + "a" * 15


def test_a_library_of_a_later_release_is_named_by_its_key():
    assert change({"sanic": "1"}, {"sanic": "2"}, LONGEST) == "sanic 1 → 2"
