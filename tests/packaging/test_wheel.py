"""What the built package contains, and what it does not."""

import ast
import json
import re
import subprocess
import tarfile
import tomllib
import zipfile
from collections import Counter
from email.parser import Parser
from functools import cache
from pathlib import Path

import pytest

from dashboard import bundling
from tests.wheel import ROOT, built_sdist, built_wheel, fresh_environment

PACKAGE = "avatar_monitoring"
NEED_AN_EXTRA = {
    "api.alert_endpoints",
    "api.alert_schemas",
    "api.client_endpoints",
    "api.client_history_endpoint",
    "api.marker_schemas",
    "api.session_schemas",
    "api.bodies",
    "api.schemas",
    "api.endpoints",
    "api.parameters",
    "api.stored",
    "export.parquet",
    "exposition.families",
    "exposition.otlp_export",
    "schedule",
    "tasks",
}


@pytest.fixture(scope="module")
def wheel() -> zipfile.ZipFile:
    with zipfile.ZipFile(built_wheel()) as wheel:
        yield wheel


@pytest.fixture(scope="module")
def names(wheel) -> set[str]:
    return {name.removeprefix(f"{PACKAGE}/") for name in wheel.namelist() if name.startswith(f"{PACKAGE}/")}


@pytest.fixture(scope="module")
def modules(wheel, names) -> dict[str, ast.Module]:
    """Every module's syntax, by its name in the package."""
    return {
        name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): ast.parse(
            wheel.read(f"{PACKAGE}/{name}"), name
        )
        for name in names
        if name.endswith(".py")
    }


@pytest.fixture(scope="module")
def bare() -> Path:
    """An environment with the wheel and what it cannot do without."""
    return fresh_environment()


def files(folder: str) -> set[str]:
    """The files below a folder of the two apps, by their names in it."""
    roots = [ROOT / app / folder for app in ("monitoring", "dashboard")]
    return {
        path.relative_to(root).as_posix()
        for root in roots
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_it_is_one_package_and_nothing_else(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {PACKAGE, built_wheel().name.removesuffix("-py3-none-any.whl") + ".dist-info"}


@pytest.mark.parametrize("folder", ["templates", "static", "templatetags", "migrations", "locale"])
def test_it_has_every_file_that_django_looks_for(names, folder):
    here = {name.removeprefix(f"{folder}/") for name in names if name.startswith(f"{folder}/")}
    assert files(folder) <= here


def test_it_has_every_module(names):
    ours = {f"dashboard/{name}" for name in python_files("dashboard")} | python_files("monitoring")
    elsewhere = {name for name in ours if name.startswith(("dashboard/templatetags/", "dashboard/management/"))}
    assert ours - elsewhere - names == {"management/commands/benchmark_monitoring.py"}, (
        "all but the benchmark, which runs the repository's tests"
    )
    assert {"apps.py", "urls.py", "app_config.py", "py.typed"} <= names


def python_files(app: str) -> set[str]:
    return {path.relative_to(ROOT / app).as_posix() for path in (ROOT / app).rglob("*.py")}


def test_it_has_bundles_of_the_scripts_and_styles_of_every_page(wheel, names):
    folder = "static/avatar_monitoring/bundles/"
    index = json.loads(wheel.read(f"{PACKAGE}/{folder}index.json"))
    wanted = bundling.wanted((ROOT / "dashboard" / "templates").rglob("*.html"))
    assert set(index) == {page.key for page in wanted}
    for files in index.values():
        for each in files.values():
            assert {f"static/{name}" for name in (each if isinstance(each, list) else [each])} <= names


def test_it_has_what_the_pages_need_of_uplot_and_its_licence(names):
    folder = "static/avatar_monitoring/vendor/uplot/"
    assert {name.removeprefix(folder) for name in names if name.startswith(folder)} == {
        "LICENSE",
        "uPlot.esm.js",
        "uPlot.min.css",
    }


def test_every_static_file_that_a_page_or_a_script_names_is_there(wheel, names):
    named = set()
    for name in names:
        text = wheel.read(f"{PACKAGE}/{name}").decode() if name.endswith((".html", ".py", ".js")) else ""
        if not name.startswith("static/avatar_monitoring/vendor/"):
            named |= set(re.findall(r"""['"](avatar_monitoring/[\w/.-]+\.(?:js|css|svg))['"]""", text))
            named |= {
                (Path("/", name).parent / found).resolve().relative_to("/static").as_posix()
                for found in re.findall(r"""(?:from|import) ["'](\.[^"']+\.js)["']""", text)
            }
    assert len(named) > 40
    assert {f"static/{name}" for name in named} <= names


def test_neither_the_site_nor_a_test_is_in_it(wheel):
    assert [name for name in wheel.namelist() if re.search(r"avatar_site|(^|/)tests?/|__pycache__", name)] == []


def test_its_templates_and_static_files_have_a_folder_of_their_own(names):
    """A host's own would otherwise be hidden, or hide ours."""
    for folder, own in (
        ("templates/", ("avatar_monitoring/", "admin/avatar_monitoring/")),
        ("static/", ("avatar_monitoring/",)),
    ):
        inside = {name.removeprefix(folder) for name in names if name.startswith(folder)}
        assert {name for name in inside if not name.startswith(own)} == set()


def test_no_module_imports_a_package_of_the_repository(modules):
    found = [
        f"{module}: {ast.unparse(node)}"
        for module, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and re.match(r"(?:from|import) (monitoring|dashboard|avatar_site)\b", ast.unparse(node))
    ]
    assert found == []


def test_no_text_names_a_module_of_the_repository(wheel, names):
    """Neither a path as Django takes it, nor a sentence of documentation."""
    ours = {path.stem for app in ("monitoring", "dashboard") for path in (ROOT / app).iterdir()}
    found = []
    for name in names:
        if name.endswith((".py", ".html", ".js")):
            text = wheel.read(f"{PACKAGE}/{name}").decode()
            found += [
                f"{name}: {one[0]}"
                for one in re.finditer(r"(?<![\w./])(?:monitoring|dashboard)\.([a-z]\w*)(?:\.\w+)*", text)
                if one[1] in ours and "/" not in one[0]
            ]
    assert found == []


def test_every_text_that_names_a_module_names_one_that_is_there(modules):
    known = {f"{PACKAGE}.{name}" for name in modules} | {PACKAGE}
    found = {
        (module, node.value)
        for module, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(rf"{PACKAGE}(\.[a-z_]\w*)+(\.[A-Z]\w*)?", node.value)
    }
    paths = {one for one in found if one[1].split(".")[1] in {name.split(".")[0] for name in modules}}
    assert len(paths) >= 3
    assert {one for one in paths if re.sub(r"\.[A-Z]\w*$", "", one[1]) not in known} == set()


def test_every_module_is_imported_without_an_extra_unless_it_is_an_extras_own(bare, modules):
    code = """
import json, sys
from importlib import import_module
from django.conf import settings
settings.configure(
    SECRET_KEY="only for a test",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.admin", "avatar_monitoring"],
)
import django
django.setup()
failed = {}
for name in json.load(sys.stdin):
    try:
        import_module(f"avatar_monitoring.{name}" if name else "avatar_monitoring")
    except ImportError as error:
        failed[name] = str(error)
print(json.dumps(failed))
"""
    tested = [name for name in modules if not name.startswith("migrations.") or name[11:12].isdigit()]
    done = subprocess.run(
        [bare / "bin/python", "-c", code],
        input=json.dumps(tested),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) == NEED_AN_EXTRA


def test_its_description_says_what_it_needs_and_where_it_runs(wheel):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    said = Parser().parsestr(wheel.read(f"{built_wheel().name.split('-py3')[0]}.dist-info/METADATA").decode())
    assert (said["Name"], said["Version"]) == ("avatar-monitoring", project["version"])
    assert said.get_all("Provides-Extra") == sorted(project["optional-dependencies"])
    assert said["License-Expression"] == "MIT"
    assert said["Description-Content-Type"] == "text/markdown"
    hard = {re.split("[<>=]", one)[0].lower() for one in said.get_all("Requires-Dist") if "extra ==" not in one}
    assert hard == {"django", "channels", "channels-redis", "redis", "msgspec"}


@cache
def sdist_names() -> Counter[str]:
    with tarfile.open(built_sdist()) as sdist:
        return Counter(name.partition("/")[2] for name in sdist.getnames())


def test_the_sdist_has_all_that_the_wheel_is_built_from():
    """The wheel under test was built from it."""
    names = set(sdist_names())
    assert {"packaging/build_hook.py", "packaging/apps.py", "packaging/urls.py", "package-lock.json"} <= names
    assert "node_modules/uplot/dist/uPlot.esm.js" in names


def test_neither_the_site_nor_a_test_is_in_the_sdist():
    assert [name for name in sdist_names() if name.split("/")[0] in ("avatar_site", "tests", "staticfiles")] == []
    assert [name for name in sdist_names() if "__pycache__" in name] == []
