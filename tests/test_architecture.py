"""The rules that keep the rooms apart, read from the code itself."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("avatar_site", "dashboard", "monitoring")
MAX_MODULE, MAX_FUNCTION = 250, 50

MODULES = sorted(
    path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts
)
CORE = [path for path in MODULES if path.is_relative_to("monitoring/core")]

MAY_READ_THE_ENVIRONMENT = {Path("avatar_site/settings.py"), Path("monitoring/environment.py")}
HARMLESS = (
    "**os.environ",  # a process that starts another passes its whole environment on
    "os.environ |",
    "os.environ.get(PROCESS_VARIABLE)",  # the supervisor's name for this process
    "os.environ.get('AVATAR_LOG_FORMAT'",  # settings.py reads it too; this is for failures before that
    "'JOURNAL_STREAM' in os.environ",  # says where the output goes, nothing about the site
    "os.environ.get('NO_COLOR')",  # says something about the terminal, nothing about the site
)
MAY_SET_A_DEFAULT = {Path("avatar_site/asgi.py"), Path("avatar_site/celery.py"), Path("manage.py")}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


def name_of(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, *, at_run_time: bool = False) -> Iterator[str]:
    """The full names that a module imports; at run time, those under TYPE_CHECKING are not."""
    skipped = {id(node) for block in type_checking_blocks(path) for node in ast.walk(block)} if at_run_time else set()
    for node in ast.walk(tree(path)):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def type_checking_blocks(path: Path) -> list[ast.If]:
    blocks = [node for node in ast.walk(tree(path)) if isinstance(node, ast.If)]
    return [block for block in blocks if ast.unparse(block.test) == "TYPE_CHECKING"]


def importers_of(*packages: str, among: list[Path] = MODULES) -> dict[str, list[str]]:
    found = {str(path): [name for name in imports(path) if name.split(".")[0] in packages] for path in among}
    return {path: names for path, names in found.items() if names}


def test_there_is_something_to_read():
    assert len(MODULES) > 40
    assert len(CORE) > 20


def test_monitoring_imports_neither_the_dashboard_nor_the_site():
    assert importers_of("dashboard", "avatar_site", among=[p for p in MODULES if p.parts[0] == "monitoring"]) == {}


def test_the_dashboard_does_not_import_the_site():
    assert importers_of("avatar_site", among=[p for p in MODULES if p.parts[0] == "dashboard"]) == {}


def test_the_core_imports_no_framework():
    frameworks = ("django", "channels", "channels_redis", "redis", "celery", "kombu", "twisted", "daphne", "asgiref")
    assert importers_of(*frameworks, among=CORE) == {}


def test_the_core_imports_nothing_of_monitoring_but_itself():
    foreign = {
        str(path): [name for name in imports(path) if name.startswith("monitoring.") and ".core." not in name]
        for path in CORE
    }
    assert {path: names for path, names in foreign.items() if names} == {}


def test_the_core_has_no_cycles():
    modules = {name_of(path) for path in CORE}
    graph = {
        name_of(path): {name.rpartition(".")[0] for name in imports(path, at_run_time=True)} & modules for path in CORE
    }
    TopologicalSorter(graph).prepare()


def test_only_one_module_imports_psutil():
    assert list(importers_of("psutil")) == ["monitoring/core/probe.py"]


def environment_uses(path: Path) -> Iterator[str]:
    """The expressions with os.environ or os.getenv, whole statements so that their purpose can be seen."""
    for statement in ast.walk(tree(path)):
        if isinstance(statement, ast.stmt) and not hasattr(statement, "body"):
            text = ast.unparse(statement)
            if "os.environ" in text or "os.getenv" in text:
                yield text


def test_only_the_settings_read_the_environment():
    uses = {
        str(path): [use for use in environment_uses(path) if not is_allowed_to(path, use)]
        for path in [*MODULES, Path("manage.py")]
        if path not in MAY_READ_THE_ENVIRONMENT
    }
    assert {path: found for path, found in uses.items() if found} == {}


def is_allowed_to(path: Path, use: str) -> bool:
    sets_the_default = use.startswith("os.environ.setdefault('DJANGO_SETTINGS_MODULE'")
    return (path in MAY_SET_A_DEFAULT and sets_the_default) or any(allowed in use for allowed in HARMLESS)


def test_modules_are_short():
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in MODULES}
    assert {path: length for path, length in lengths.items() if length > MAX_MODULE} == {}


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path}:{node.lineno} {node.name}", node


def test_functions_are_short():
    lengths = {place: function.end_lineno - function.lineno + 1 for place, function in functions()}
    assert {place: length for place, length in lengths.items() if length > MAX_FUNCTION} == {}


def test_every_signature_is_typed():
    untyped = [
        place
        for place, function in functions()
        for argument in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        if function.returns is None or (argument.annotation is None and argument.arg not in ("self", "cls"))
    ]
    assert untyped == []


def test_no_exception_is_silently_ignored():
    handlers = [
        (f"{path}:{node.lineno}", node)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
    ]
    silent = [place for place, node in handlers if all(isinstance(part, ast.Pass) for part in node.body)]
    bare = [place for place, node in handlers if node.type is None]
    assert (silent, bare) == ([], [])


def test_no_module_is_a_grab_bag():
    drawers = {"utils", "util", "helpers", "common", "services", "misc"}
    assert [str(path) for path in MODULES if drawers & {part.removesuffix(".py") for part in path.parts}] == []


LAYERS = (
    ("core",),
    ("models", "servers"),
    ("journal",),
    ("alerting",),
    ("fleet",),
    ("storage",),
    ("history",),
    ("export", "exposition"),
    ("admin", "api", "checks", "management", "templatetags"),
)
"""The packages of monitoring from the ground up: each imports only from the layers below its own."""

LAYER = {package: height for height, layer in enumerate(LAYERS) for package in layer}
WIRING = ("apps", "consumers", "health", "runtime", "tasks", "urls")
"""Modules of no single package, which put the packages together."""

DJANGO_S_NAMES = {"__init__", "admin", "apps", "consumers", "urls", "views"}


def package_of(name: str) -> str | None:
    """The package of monitoring that a module or one of its names belongs to; None for a module of none."""
    parts = name.split(".")
    return parts[1] if parts[0] == "monitoring" and len(parts) > 1 and parts[1] in LAYER else None


def test_every_package_of_monitoring_has_a_layer():
    packages = {path.parts[1] for path in MODULES if path.parts[0] == "monitoring" and len(path.parts) > 2}
    assert packages == set(LAYER)


def test_packages_import_only_from_the_layers_below():
    upward = [
        f"{path} imports {name}"
        for path in MODULES
        if (own := package_of(name_of(path)))
        for name in imports(path)
        if (other := package_of(name)) and other != own and LAYER[other] >= LAYER[own]
    ]
    assert upward == []


def test_the_lower_floors_of_the_core_import_nothing_of_the_upper_one():
    allowed = {"wire": ("monitoring.core.wire",), "stats": ("monitoring.core.stats", "monitoring.core.wire")}
    upward = [
        f"{path} imports {name}"
        for path in CORE
        if path.parts[2] in allowed
        for name in imports(path)
        if name.startswith("monitoring.") and not name.startswith(allowed[path.parts[2]])
    ]
    assert upward == []


def test_below_the_api_nothing_imports_what_puts_the_packages_together():
    wired = [
        f"{path} imports {name}"
        for path in MODULES
        if LAYER.get(package_of(name_of(path)) or "", 99) < LAYER["exposition"]
        for name in imports(path, at_run_time=True)
        if name.split(".")[:1] == ["monitoring"] and name.split(".")[1] in WIRING
    ]
    assert wired == []


def test_no_modules_import_each_other_in_a_circle():
    modules = {name_of(path) for path in MODULES}

    def imported(path: Path) -> set[str]:
        names = {name if name in modules else name.rpartition(".")[0] for name in imports(path, at_run_time=True)}
        return names & modules - {name_of(path)}

    TopologicalSorter({name_of(path): imported(path) for path in MODULES}).prepare()


def test_no_two_modules_have_one_name():
    names = Counter(path.stem for path in MODULES if path.stem not in DJANGO_S_NAMES)
    assert [name for name, number in names.items() if number > 1] == []


def test_no_class_is_defined_twice():
    classes = Counter(
        node.name
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and node.name not in ("Command", "Media", "Meta")
    )
    assert [name for name, number in classes.items() if number > 1] == []


def test_the_tree_in_the_docs_is_the_tree_of_folders():
    text = (ROOT / "docs/design.md").read_text()
    block = text.split("<!-- tree -->", 1)[1].split("```", 2)[1]
    drawn = set(re.findall(r"^ *([\w/]+/|\w+\.py)(?: |$)", block, re.M))
    folders = {f"{path.parent}/" for path in MODULES if path.parent.name not in ("commands", "templatetags")}
    assert drawn >= folders, folders - drawn
    assert {name for name in drawn if name.endswith("/") and not (ROOT / name).is_dir()} == set()
