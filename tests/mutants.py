"""Changes one expression at a time and runs the module's own tests: what no test notices is printed; `make mutants`.

mutmut works on copies below .mutants/, a folder per module, so the sources stay as they are; `mutmut browse` there
shows every mutant. Each run begins anew, for mutmut remembers results that a new test would change.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("monitoring/core", "monitoring/journal", "monitoring/storage")
SOURCES = ("monitoring", "avatar_site", "dashboard", "manage.py", "tests")
# When a mutant that never ends is stopped: so many times its tests' duration, and so many seconds for a busy machine.
TIMEOUT = {"timeout_multiplier": 5.0, "timeout_constant": 10.0}
# A mutant that collects without end fails for lack of memory before the machine does.
MEMORY_BYTES = 2 * 1024**3
NOTICED = ("killed", "timeout", "segfault")
UNNOTICED = ("survived", "no tests")


def modules(named: list[str]) -> Iterator[Path]:
    """The modules of the folders and files that are named."""
    for name in named:
        path = ROOT / name
        if not path.exists():
            raise SystemExit(f"MODULES: {name} does not exist: name files or folders, such as {PACKAGES[0]}/grid.py")
        found = [path] if path.is_file() else sorted(path.rglob("*.py"))
        yield from (module.relative_to(ROOT) for module in found if module.read_text().strip())


def tests_of(module: Path) -> list[str]:
    """Its own test files, which begin with its name; those of its folder if it has none."""
    folder = Path("tests") / module.parent
    own = sorted(str(path.relative_to(ROOT)) for path in (ROOT / folder).glob(f"test_{module.stem}*.py"))
    return own or [str(folder)]


def prepare(module: Path) -> Path:
    """A folder from which mutmut can run: links to the sources, and its settings beside those of the other tools."""
    folder = ROOT / ".mutants" / ".".join(module.with_suffix("").parts)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in SOURCES:
        (folder / name).symlink_to(ROOT / name)
    settings = {
        "source_paths": ["monitoring"],
        "only_mutate": [str(module)],
        "also_copy": ["avatar_site", "dashboard", "manage.py", "tests"],
        "pytest_add_cli_args_test_selection": tests_of(module),
        # The same examples for every mutant, so that a score can be repeated; and no search for the simplest one.
        "pytest_add_cli_args": ["--hypothesis-seed=0", "--hypothesis-profile=mutants", "-p", "no:cacheprovider"],
        "track_dependencies": False,
        "use_git_change_detection": False,
        **TIMEOUT,
    }
    section = "\n".join(f"{name} = {json.dumps(value)}" for name, value in settings.items())
    (folder / "pyproject.toml").write_text(f"{(ROOT / 'pyproject.toml').read_text()}\n[tool.mutmut]\n{section}\n")
    return folder


def mutmut(folder: Path, *arguments: str) -> str:
    """What mutmut prints, or the end of this run if it fails."""
    done = subprocess.run([sys.executable, "-m", "mutmut", *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"mutmut {' '.join(arguments)} fails in {folder}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def results(folder: Path) -> dict[str, str]:
    """What became of each mutant."""
    lines = mutmut(folder, "results", "--all", "true").splitlines()
    return dict(line.strip().split(": ", 1) for line in lines if ": " in line)


def measure(module: Path) -> tuple[int, int]:
    """How many mutants of the module its tests notice, and of how many; then the others are printed."""
    folder = prepare(module)
    mutmut(folder, "run", "--max-children", str(os.cpu_count() or 1))
    became = results(folder)
    count = Counter(became.values())
    noticed, total = sum(count[status] for status in NOTICED), sum(count[status] for status in NOTICED + UNNOTICED)
    print(f"{module}: {noticed} of {total} noticed", flush=True)
    for name in (name for name, status in became.items() if status in UNNOTICED):
        print(f"{became[name]}: {name}\n{mutmut(folder, 'show', name)}", flush=True)
    return noticed, total


def main(named: list[str]) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    rows = [(module, *measure(module)) for module in modules(named or list(PACKAGES))]
    print(f"\n{datetime.now(UTC):%Y-%m-%d}\n\n| module | mutants | noticed | |\n|---|---|---|---|")
    for module, noticed, total in rows:
        if total:
            print(f"| `{module}` | {total} | {noticed} | {noticed / total:.0%} |")


if __name__ == "__main__":
    main(sys.argv[1:])
