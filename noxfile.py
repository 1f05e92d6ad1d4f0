"""Every supported combination of Python, Django and Channels, for `make matrix`.

In each, the tests of monitoring and of the dashboard run from the sources, and a host is served that has the wheel
installed. pyproject.toml's classifiers name the same releases (tests/packaging/test_matrix.py).
"""

from __future__ import annotations

import os
from pathlib import Path

import nox

PYTHONS = ("3.11", "3.12", "3.13")
DJANGOS = ("5.2", "6.0", "6.1")
CHANNELS = ("4.2", "newest")
OLDEST_PYTHON_OF_DJANGO_6 = (3, 12)

HOST = "tests/packaging/test_host.py"
OF_CHANNELS = (
    "tests/monitoring/test_consumers.py",
    "tests/monitoring/test_runtime.py",
    "tests/monitoring/fleet",
    "tests/dashboard/test_consumers.py",
)

nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = True
nox.options.stop_on_first_error = False
os.environ["UV_PYTHON_DOWNLOADS"] = "never"


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
    """The newest patch of each release; of Channels 4.2 only what depends on Channels."""
    wanted = [f"django~={django}.0", *([f"channels~={channels}.0"] if channels != "newest" else [])]
    overrides = Path(session.create_tmp()) / "overrides.txt"
    overrides.write_text("\n".join(wanted))
    session.install("-r", "requirements-dev.txt", "--override", str(overrides))
    tests = ["tests/monitoring", "tests/dashboard"] if channels == "newest" else list(OF_CHANNELS)
    session.run("python", "-W", "error::DeprecationWarning:monitoring", "-m", "pytest", "-n", "2", *tests, HOST)


@nox.session(python="3.11")
def lowest(session: nox.Session) -> None:
    """The oldest releases that the package asks for, of everything."""
