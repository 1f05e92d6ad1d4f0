import sys
from pathlib import Path

import pytest

from monitoring.command_lines import manage, python


@pytest.fixture
def elsewhere(settings, monkeypatch, tmp_path):
    """A project whose Python is not in its folder."""
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(sys, "prefix", "/opt/environment")
    monkeypatch.setattr(sys, "executable", "/opt/environment/bin/python")
    return monkeypatch


def test_an_environment_in_the_projects_folder_is_named_by_its_path_there(settings, monkeypatch, tmp_path):
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    assert manage("simulate_avatars") == str(Path(".venv/bin/python")) + " manage.py simulate_avatars"


def test_a_python_that_a_shell_finds_is_named_by_its_name(elsewhere):
    elsewhere.setattr("shutil.which", lambda name: {"python3": "/opt/environment/bin/python"}.get(name))
    assert python() == "python3"


@pytest.mark.parametrize("found", [None, "/usr/bin/python"])
def test_another_python_has_no_django_so_this_one_is_named_by_its_whole_path(elsewhere, found):
    elsewhere.setattr("shutil.which", lambda _: found)
    assert python() == "/opt/environment/bin/python"
