"""Every supported combination of Python, Django and Channels, for `make matrix`.

In each, the tests of monitoring and of the dashboard run from the sources, and a project is served that has the wheel
installed. pyproject.toml's classifiers name the same releases (tests/packaging/test_matrix.py).
"""

from __future__ import annotations

import os
import sys
import tomllib
from contextlib import suppress
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))
from tests.wheel import NoInterpreterError, interpreter  # noqa: E402

PYTHONS = ("3.11", "3.12", "3.13")
DJANGOS = ("5.2", "6.0", "6.1")
CHANNELS = ("4.2", "newest")
OLDEST_PYTHON_OF_DJANGO_6 = (3, 12)

CORE = "tests/monitoring/core"
WITH_DJANGO = ("tests/monitoring", "tests/dashboard", "tests/packaging/test_host.py", f"--ignore={CORE}")
OF_CHANNELS = (
    "tests/monitoring/test_consumers.py",
    "tests/monitoring/test_runtime.py",
    "tests/monitoring/fleet",
    "tests/dashboard/test_consumers.py",
    "tests/packaging/test_host.py",
)
OURS = r"(monitoring|dashboard)\."

nox.options.default_venv_backend = "uv"
nox.options.envdir = "build/nox"
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = True
os.environ["UV_PYTHON_DOWNLOADS"] = "never"
for version in PYTHONS:
    with suppress(NoInterpreterError):
        os.environ["PATH"] = f"{interpreter(version).parent}{os.pathsep}{os.environ['PATH']}"


def supported() -> list[nox.param]:
    return [
        nox.param(python, django, channels, id=f"python {python}, django {django}, channels {channels}")
        for python in PYTHONS
        for django in DJANGOS
        for channels in CHANNELS
        if django < "6" or tuple(map(int, python.split("."))) >= OLDEST_PYTHON_OF_DJANGO_6
    ]


@nox.session
@nox.parametrize(["python", "django", "channels"], supported())
def matrix(session: nox.Session, django: str, channels: str) -> None:
    """The newest patch of each release; with Channels 4.2 only the tests that depend on Channels."""
    releases = [f"django~={django}.0", *([f"channels~={channels}.0"] if channels != "newest" else [])]
    run_tests(session, releases, WITH_DJANGO if channels == "newest" else OF_CHANNELS)


@nox.session(python=PYTHONS)
def core(session: nox.Session) -> None:
    """Once for each Python, because the core knows neither Django nor Channels."""
    run_tests(session, [], (CORE,))


@nox.session(python="3.11")
def lowest(session: nox.Session) -> None:
    """The oldest releases that the package and its extras accept."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    run_tests(session, [one.replace(">=", "==") for one in needed if ">=" in one], WITH_DJANGO)


def run_tests(session: nox.Session, releases: list[str], tests: tuple[str, ...]) -> None:
    """With these releases in place of those that the requirements ask for."""
    # Not in nox's own temporary directory, whose path is too long for a socket.
    overrides = Path(session.virtualenv.location) / "overrides.txt"
    overrides.write_text("\n".join(releases))
    session.install("-r", "requirements-dev.txt", "--override", str(overrides))
    strict = [f"error::{kind}:{OURS}" for kind in ("DeprecationWarning", "PendingDeprecationWarning")]
    session.run("python", "-m", "pytest", "-n", "2", "-o", "filterwarnings=" + "\n".join(strict), *tests)
