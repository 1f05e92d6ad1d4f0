import re
import tomllib
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from monitoring import apps


def releases(monkeypatch, **installed: str) -> None:
    monkeypatch.setattr(apps, "version", {"Django": "6.1.3", "channels": "4.3.2", **installed}.__getitem__)


@pytest.mark.parametrize(
    ("package", "release", "says"),
    [
        ("Django", "4.2.30", "avatar-monitoring needs Django 5.2 or newer, and this is 4.2.30"),
        ("channels", "4.1.0", "avatar-monitoring needs channels 4.2 or newer, and this is 4.1.0"),
    ],
)
def test_an_older_release_is_refused_with_a_sentence(monkeypatch, package, release, says):
    releases(monkeypatch, **{package: release})
    with pytest.raises(ImproperlyConfigured, match=f"^{re.escape(says)}$"):
        apps.refuse_older_releases()


@pytest.mark.parametrize("django", ["5.2", "5.2.19", "6.0rc1", "10.0"])
def test_a_newer_release_is_not(monkeypatch, django):
    releases(monkeypatch, Django=django)
    apps.refuse_older_releases()


def test_the_package_asks_for_the_same_releases():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert {f"{package}>={oldest}" for package, oldest in apps.OLDEST.items()} <= set(project["dependencies"])
