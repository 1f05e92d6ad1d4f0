"""Makes a page's sixty modules and its style sheets into a few small files, by esbuild, at set-up.

Through a browser's six connections, the modules of the live page take a reader who is 100 ms away more than a second.
This module runs without Django, because the package's build does.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = "avatar_monitoring/bundles"
INDEX = f"{FOLDER}/index.json"

TAG = re.compile(r"{%\s*(page_scripts|page_styles)\s+([^%]+?)\s*%}")
ARGUMENT = re.compile(r"""(?:(\w+)=)?['"]([^'"]+)['"]""")
FIRST, EARLY, PAGE = "first", "early", "page"
BROWSERS = "es2022"
"""What the modules are written in: nothing is rewritten for older browsers."""

LICENCE = (
    "/*! Avatar Monitoring (MIT). uPlot (MIT), Copyright (c) Leon Sorokin, is part of it where charts are drawn. */"
)
SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "win32"}
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True, order=True)
class Scripts:
    """The scripts of a page, as its template names them: files of its own for what runs `first` and `early`."""

    entries: tuple[str, ...]
    first: str = ""
    early: str = ""

    @property
    def key(self) -> str:
        return " ".join((self.first or "-", self.early or "-", *self.entries))

    @property
    def sources(self) -> list[str]:
        return [name for name in (self.first, self.early, *self.entries) if name]

    @property
    def name(self) -> str:
        return Path(self.entries[-1]).stem


@dataclass(frozen=True, slots=True, order=True)
class Styles:
    """Style sheets that a page has next to each other."""

    sheets: tuple[str, ...]

    @property
    def key(self) -> str:
        return " ".join(self.sheets)

    @property
    def name(self) -> str:
        return "styles"

    @property
    def sources(self) -> list[str]:
        return list(self.sheets)


def wanted(templates: Iterable[Path]) -> list[Scripts | Styles]:
    """What the templates' tags ask for."""
    found = {one for template in sorted(templates) for one in _tags(template.read_text())}
    return sorted(found, key=lambda one: (type(one).__name__, one.key))


def _tags(text: str) -> Iterator[Scripts | Styles]:
    for tag, arguments in TAG.findall(text):
        words = ARGUMENT.findall(arguments)
        names = tuple(value for key, value in words if not key)
        if tag == "page_styles":
            yield Styles(names)
        else:
            yield Scripts(names, **{key: value for key, value in words if key})


def esbuild(node_modules: Path) -> Path | None:
    """esbuild's program for this machine; None if it is not installed or there is none."""
    system, machine = SYSTEMS.get(sys.platform), MACHINES.get(platform.machine().lower())
    folder = node_modules / "@esbuild" / f"{system}-{machine}"
    program = folder / ("esbuild.exe" if system == "win32" else "bin/esbuild")
    return program if os.access(program, os.X_OK) else None


def bundle(static: Path, pages: Iterable[Scripts | Styles], program: Path) -> list[str]:
    """Writes the bundles and their index below a folder of static files, and returns the names of all these files.

    The index says for each key which files there are: `{"first", "early", "page", "chunks"}` of scripts, `{"styles"}`
    of style sheets. All names contain a hash of the content, so that files of two releases never mix.
    Raises RuntimeError with what esbuild says.
    """
    index = {page.key: _of(static, page, program) for page in pages}
    names = {name for files in index.values() for each in files.values() for name in _listed(each)}
    (static / FOLDER).mkdir(parents=True, exist_ok=True)
    (static / INDEX).write_text(json.dumps(index, indent=1, sort_keys=True))
    return sorted({*names, INDEX})


def _listed(each: str | list[str]) -> list[str]:
    return each if isinstance(each, list) else [each]


def _of(static: Path, page: Scripts | Styles, program: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        if isinstance(page, Styles):
            return _styles(static, page, program, directory)
        return _scripts(static, page, program, directory)


def _styles(static: Path, page: Styles, program: Path, scratch: Path) -> dict[str, Any]:
    source = scratch / "styles.css"
    source.write_text("".join(f'@import "{(static / sheet).resolve().as_posix()}";\n' for sheet in page.sheets))
    made = _run(static, program, scratch, f"{page.name}={source}")
    return {"styles": next(iter(made))}


def _scripts(static: Path, page: Scripts, program: Path, scratch: Path) -> dict[str, Any]:
    groups = {FIRST: [page.first], EARLY: [page.early], PAGE: list(page.entries)}
    entries = []
    for group, names in groups.items():
        if not any(names):
            continue
        source = scratch / f"{group}.js"
        source.write_text("".join(f'import "{(static / name).resolve().as_posix()}";\n' for name in names))
        entries.append(f"{page.name}-{group}={source}")
    made = _run(
        static,
        program,
        scratch,
        *entries,
        "--splitting",
        "--format=esm",
        f"--target={BROWSERS}",
        f"--banner:js={LICENCE}",
    )
    files: dict[str, Any] = {"chunks": [name for name, output in made.items() if "entryPoint" not in output]}
    for name, output in made.items():
        if "entryPoint" in output:
            group = Path(output["entryPoint"]).stem
            # All that runs first is often in a file that others share, and its own file only imports that one.
            is_empty = not any(part["bytesInOutput"] for part in output["inputs"].values())
            files[group] = output["imports"][0]["path"] if is_empty else name
    return files


def _run(static: Path, program: Path, scratch: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    """What esbuild wrote, by name below the static files."""
    meta = scratch / "meta.json"
    command = [
        str(program), *arguments, "--bundle", "--minify", "--log-level=error", f"--metafile={meta}",
        f"--outdir={FOLDER}", "--entry-names=[name]-[hash]", "--chunk-names=shared-[hash]",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=static, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"esbuild could not bundle {' '.join(arguments)}: {done.stderr.strip()}")
    outputs: dict[str, dict[str, Any]] = json.loads(meta.read_text())["outputs"]
    return outputs
