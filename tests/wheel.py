"""The wheel, and environments to install it in, as other projects do."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tests.kept import BUILD, ROOT, alone, digest_of, kept

SOURCES = ("monitoring", "dashboard", "packaging")
SINGLE_SOURCES = ("pyproject.toml", "package.json", "package-lock.json", "README.md", "LICENSE")


@cache
def built_wheel() -> Path:
    """The wheel of the sources as they are now, built from their sdist; all tests share one."""
    return next(_built().glob("*.whl"))


@cache
def built_sdist() -> Path:
    return next(_built().glob("*.tar.gz"))


@cache
def _built() -> Path:
    return kept("dist", digest_of(SOURCES, SINGLE_SOURCES), _build)


def _build(folder: Path) -> None:
    run("build", "--quiet", "--out-dir", str(folder), str(ROOT))


def fresh_environment(
    extras: Sequence[str] = (), django: str | None = None, python: str | None = None, also: Sequence[str] = ()
) -> Path:
    """A new virtual environment with the wheel, its extras and other requirements (`also`), for one test alone.

    `django` is a release such as "6.1", of which the newest patch is installed; `python` a version, such as "3.13". Its
    programs are in `bin`. It is deleted when this process ends.
    """
    folder = Path(tempfile.mkdtemp(prefix="environment-", dir=_environments())) / "venv"
    run("venv", "--quiet", "--python", str(interpreter(python)), str(folder))
    wheel = f"{built_wheel()}[{','.join(extras)}]" if extras else str(built_wheel())
    install(folder, wheel, *([f"django~={django}.0"] if django else []), *also)
    return folder


def install(environment: Path, *requirements: str) -> None:
    run("pip", "install", "--quiet", "--python", str(environment), *requirements)


class NoInterpreterError(Exception):
    """There is no interpreter of the version that was asked for."""


@cache
def interpreter(python: str | None = None) -> Path:
    """An interpreter that is on this machine already: on the PATH, or one of pyenv's."""
    if python is None:
        return Path(sys.executable).resolve()
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [*sorted(pyenv.glob(f"{python}.*/bin/python{python}")), shutil.which(f"python{python}")]
    for candidate in filter(None, candidates):
        # pyenv puts a name on the PATH for every version that it knows of, and it fails.
        says = subprocess.run([candidate, "-c", "import sys; print(sys.executable)"], capture_output=True, text=True)
        if says.returncode == 0:
            return Path(says.stdout.strip()).resolve()
    raise NoInterpreterError(f"There is no Python {python} on this machine.")


def run(*arguments: str) -> None:
    """One command of uv, which installs from its cache within a second."""
    done = subprocess.run([_uv(), *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"uv {' '.join(arguments)}\n{done.stdout}{done.stderr}"


@cache
def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    if beside.exists() or shutil.which("uv"):
        return str(beside) if beside.exists() else "uv"
    tools = BUILD / "tools"
    with alone("tools"):
        if not (tools / "bin" / "uv").exists():
            subprocess.run([sys.executable, "-m", "venv", str(tools)], check=True)
            subprocess.run([str(tools / "bin" / "pip"), "install", "--quiet", "uv"], check=True)
    return str(tools / "bin" / "uv")


@cache
def _environments() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="avatar-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
