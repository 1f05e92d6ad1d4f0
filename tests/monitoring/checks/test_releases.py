import re
import tomllib
from pathlib import Path

import pytest

from monitoring.checks import releases

ROOT = Path(__file__).resolve().parents[3]


def found(monkeypatch, check, **versions: tuple[int, ...]) -> list[str]:
    monkeypatch.setattr(releases, "installed", lambda name: versions.get(name.replace("-", "_"), ()))
    return [message.id for message in check()]


@pytest.mark.parametrize(("version", "is_bad"), [((4, 2, 1), True), ((4, 2, 2), False), ((5, 0), False), ((), False)])
def test_a_daphne_with_a_known_vulnerability_is_a_warning(monkeypatch, version, is_bad):
    assert found(monkeypatch, releases.check_daphne, daphne=version) == ["avatar_monitoring.W005"] * is_bad


@pytest.mark.parametrize(("version", "is_bad"), [((25, 9, 1), True), ((24, 4, 2), False), ((26, 10, 2), False)])
def test_an_autobahn_that_crashes_daphne_is_a_warning(monkeypatch, version, is_bad):
    versions = {"daphne": (4, 2, 2), "autobahn": version}
    assert found(monkeypatch, releases.check_daphne, **versions) == ["avatar_monitoring.W006"] * is_bad
    assert found(monkeypatch, releases.check_daphne, autobahn=version) == []


def test_an_older_release_than_those_tested_is_a_warning(monkeypatch):
    assert found(monkeypatch, releases.check_releases, channels_redis=(4, 2, 0), redis=(8,)) == []
    assert (
        found(monkeypatch, releases.check_releases, channels_redis=(4, 1, 9), redis=(4, 6))
        == ["avatar_monitoring.W004"] * 2
    )


def test_the_oldest_releases_are_those_of_the_packages_metadata():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["celery"]]
    wanted = {
        name.lower(): text for name, text in (re.match(r"([\w-]+)(?:\[.*\])?>=([\d.]+)", one).groups() for one in lines)
    }
    assert {name: releases.text(oldest) for name, oldest in releases.OLDEST.items()} == {
        name: wanted[name] for name in releases.OLDEST
    }


def test_versions_are_numbers():
    assert releases.installed("django") >= (5, 2)
    assert releases.installed("no-such-package") == ()
