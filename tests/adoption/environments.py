"""What hosts have installed: their own requirements, and the same with the wheel on top, as `pip install` puts it."""

from __future__ import annotations

import fcntl
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path

from tests.wheel import NoInterpreterError, built_wheel, install, interpreter, run

CHANNELS = ("channels", "channels-redis", "daphne", "uvicorn[standard]", "whitenoise")


@dataclass(frozen=True)
class Environment:
    requirements: tuple[str, ...]
    extras: tuple[str, ...] = ()
    pythons: tuple[str, ...] = ()
    """The first of these that the machine has; none of them means the Python that runs the tests."""

    @property
    def wheel(self) -> str:
        return f"{built_wheel()}[{','.join(self.extras)}]" if self.extras else str(built_wheel())


ENVIRONMENTS = {
    "plain": Environment(("django~=5.2.0", *CHANNELS)),
    "full": Environment(
        ("django~=5.2.0", *CHANNELS, "djangorestframework", "celery", "psycopg[binary]", "django-csp"),
        extras=("celery", "api", "postgres", "system"),
    ),
    "newest": Environment(("django~=6.1.0", *CHANNELS), extras=("api",), pythons=("3.13", "3.12")),
}


def adoptable(name: str, folder: Path) -> tuple[Path, Path]:
    """The Pythons of the host without and with the package; the hosts of an environment share them."""
    environment = ENVIRONMENTS[name]
    python, requirements = _found(environment)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        bare, adopted = folder / f"{name}-bare", folder / f"{name}-adopted"
        if not adopted.exists():
            for one in (bare, partial := adopted.with_suffix(".partial")):
                run("venv", "--quiet", "--clear", "--python", str(python), str(one))
                install(one, *requirements)
            install(partial, environment.wheel)
            _expect_nothing_else_changed(bare, partial)
            # Scripts name the folder in which they were installed, so only the Python is used.
            partial.rename(adopted)
    return bare / "bin/python", adopted / "bin/python"


def _found(environment: Environment) -> tuple[Path, tuple[str, ...]]:
    for python in environment.pythons:
        try:
            return interpreter(python), environment.requirements
        except NoInterpreterError:
            continue
    if environment.pythons:
        missing = " or ".join(environment.pythons)
        warnings.warn(f"no Python {missing} is here: a host for Django 6.1 runs on an older one", stacklevel=2)
        return interpreter(), tuple(one.replace("django~=6.1.0", "django") for one in environment.requirements)
    return interpreter(), environment.requirements


def _expect_nothing_else_changed(bare: Path, adopted: Path) -> None:
    before, after = _installed(bare), _installed(adopted)
    assert {name: after.get(name) for name in before} == before, "the wheel changes what the host has installed"


def _installed(environment: Path) -> dict[str, str]:
    code = "from importlib.metadata import distributions\nfor one in distributions(): print(one.name, one.version)"
    printed = subprocess.run([environment / "bin/python", "-c", code], capture_output=True, text=True, check=True)
    return dict(line.split() for line in printed.stdout.splitlines())
