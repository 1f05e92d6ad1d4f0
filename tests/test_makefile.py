"""The first `make run` on a fresh machine, as far as the project's own folder goes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.site import ROOT

BASE = getattr(sys, "_base_executable", sys.executable)
WITHOUT_VENV = f"""#!/bin/sh
# Debian's python3 without python3-venv: a folder with a Python and no pip stays behind.
if [ "$1 $2" = "-m venv" ]; then
  {BASE} -m venv --without-pip "$3"
  echo "The virtual environment was not created successfully because ensurepip is not available." && exit 1
fi
exec {BASE} "$@"
"""
TOO_OLD = """#!/bin/sh
echo "Python 3.11 or newer is needed, this is 3.9.2" >&2; exit 1
"""


MAKEFILE = ROOT / "Makefile"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(MAKEFILE, tmp_path)
    return tmp_path


def make(folder: Path, target: str, *variables: str) -> subprocess.CompletedProcess[str]:
    # A make that runs these tests passes its own flags on.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", target, *variables], cwd=folder, env=environment, capture_output=True, text=True)


def python(folder: Path, script: str) -> str:
    path = folder / "some-python"
    path.write_text(script)
    path.chmod(0o755)
    return f"PYTHON={path}"


def test_without_python3_venv_the_package_is_named_and_nothing_is_left(folder):
    done = make(folder, ".venv/bin/.whole", python(folder, WITHOUT_VENV))
    assert done.returncode != 0
    assert "ensurepip is not available" in done.stdout
    assert "apt install python3-venv" in done.stderr
    assert not (folder / ".venv").exists()


def test_an_incomplete_environment_is_rebuilt(folder):
    subprocess.run([BASE, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    (folder / ".venv/left-over").touch()
    done = make(folder, ".venv/bin/.whole", f"PYTHON={BASE}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (folder / ".venv/left-over").exists()
    subprocess.run([folder / ".venv/bin/python", "-m", "pip", "--version"], check=True, capture_output=True)


def test_a_complete_environment_stays(folder):
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").write_text("#!/bin/sh\nexit 0\n")
    (folder / ".venv/bin/python").chmod(0o755)
    assert make(folder, ".venv/bin/.whole", python(folder, TOO_OLD)).returncode == 0
    assert (folder / ".venv/bin/python").exists()


def test_an_old_python_is_named_as_the_reason(folder):
    done = make(folder, ".venv/bin/.whole", python(folder, TOO_OLD))
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "python3-venv" not in done.stderr


def test_npm_says_why_it_failed(folder):
    if shutil.which("npm") is None:
        pytest.skip("no npm on the path")
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/.whole").touch()
    (folder / "package.json").write_text(
        json.dumps({"name": "x", "version": "1.0.0", "dependencies": {"uplot": "1.6.32"}})
    )
    (folder / "package-lock.json").write_text(json.dumps({"name": "x", "lockfileVersion": 3, "packages": {}}))
    done = make(folder, "node_modules/.installed")
    assert done.returncode != 0
    assert "in sync" in done.stderr


@pytest.mark.parametrize(
    ("variables", "options"),
    [
        ({}, "--host '127.0.0.1' --port '8000'"),
        ({"HOST": "::1", "PORT": "8010"}, "--host '::1' --port '8010'"),
        ({"HOST": "", "PORT": " "}, "--host '127.0.0.1' --port '8000'"),
    ],
)
@pytest.mark.parametrize("target", ["run", "demo"])
def test_host_and_port_are_passed_to_the_command_unless_they_are_empty(folder, target, variables, options, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    # It only prints the commands, and takes their requirements as given.
    given = ("--dry-run", "--old-file=.venv/bin/.runtime", "--old-file=staticfiles/.collected")
    assert f"start_avatar_web_server {options}" in make(folder, target, *given).stdout
    typed = [f"{name}={value}" for name, value in variables.items()]
    assert f"start_avatar_web_server {options}" in make(folder, target, *given, *typed).stdout


def test_all_tests_that_need_the_machine_for_themselves_are_where_make_test_looks_for_them():
    """Elsewhere nothing is imported for them."""
    mark = "pytest.mark." + "alone"
    places = {file.relative_to(ROOT).parts[:2] for file in (ROOT / "tests").rglob("*.py") if mark in file.read_text()}
    assert places == {("tests", "integration")}
    assert '"alone and not pages and not deployment and not adoption" tests/integration\n' in MAKEFILE.read_text()
