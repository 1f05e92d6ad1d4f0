"""The rules that keep the scripts of the pages apart, read from the scripts and the templates themselves."""

import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from posixpath import dirname, join, normpath

from dashboard.module_graph import IMPORT

ROOT = Path(__file__).resolve().parent.parent
APPS = ("dashboard", "avatar_site", "monitoring")
RANKS = {
    "avatar_monitoring/vendor/uplot": 0,
    "avatar_monitoring/lib": 1,
    "avatar_monitoring/charts": 2,
    "avatar_monitoring/alerts": 3,
    "avatar_monitoring/api": 3,
    "avatar_monitoring/clients": 3,
    "avatar_monitoring/kiosk": 2,
    "avatar_monitoring/sessions": 3,
    "avatar_monitoring/trends": 3,
    "avatar_monitoring/episode": 4,
    "avatar_monitoring/rules": 4,
    "avatar_monitoring/past": 4,
    "avatar_monitoring/client": 5,
    "avatar_monitoring/live": 5,
    "avatar_site": 2,
    "avatar_monitoring/admin": 2,
}
"""A folder imports from those of a lower rank only, and from itself."""

AT_THE_ROOT = {"avatar_monitoring/missing_script.js"}
"""Its address is the same in every release, for pages of one release that a server of another one answers."""

MAX_SCRIPT = 250

SCRIPTS = {
    str(path.relative_to(ROOT / app / "static")): path.read_text()
    for app in APPS
    for path in sorted((ROOT / app / "static").rglob("*.js"))
}
TEMPLATES = [path for app in APPS for path in sorted((ROOT / app / "templates").rglob("*.html"))]


def imports_of(name: str) -> list[str]:
    return [normpath(join(dirname(name), specifier)) for specifier in IMPORT.findall(SCRIPTS.get(name, ""))]


def entries() -> set[str]:
    """The scripts that templates name, and the admin for its templates."""
    named = [*TEMPLATES, *(ROOT / "monitoring" / "admin").glob("*.py")]
    return {name for path in named for name in re.findall(r"""['"]([\w/]+\.js)['"]""", path.read_text())} | AT_THE_ROOT


def reached_from(names: set[str]) -> set[str]:
    found = list(names)
    for name in found:
        found += [imported for imported in imports_of(name) if imported not in found]
    return set(found)


def arrows() -> Iterator[tuple[str, str]]:
    for name in SCRIPTS:
        yield from ((name, imported) for imported in imports_of(name))


def test_there_is_something_to_read():
    assert len(SCRIPTS) > 40
    assert len(list(arrows())) > 100


def test_every_script_stands_in_a_folder_with_a_rank():
    assert {name for name in SCRIPTS if dirname(name) not in RANKS} == AT_THE_ROOT


def test_imports_between_folders_point_one_way():
    upwards = [
        (name, imported)
        for name, imported in arrows()
        if dirname(name) != dirname(imported) and RANKS[dirname(imported)] >= RANKS[dirname(name)]
    ]
    assert upwards == []


def test_no_script_imports_itself_in_a_circle():
    TopologicalSorter({name: imports_of(name) for name in SCRIPTS}).prepare()


def test_every_import_leads_to_a_script():
    known = {*SCRIPTS, "avatar_monitoring/vendor/uplot/uPlot.esm.js"}
    missing = [(name, imported) for name, imported in arrows() if imported not in known]
    assert missing == []


def test_every_script_is_reached_from_a_template():
    assert set(SCRIPTS) - reached_from(entries()) == set()


def test_templates_name_only_scripts_that_there_are():
    assert entries() - set(SCRIPTS) == set()


def test_the_entry_of_a_page_carries_the_name_of_its_folder():
    folders = ("live", "clients", "alerts", "trends")
    assert {f"avatar_monitoring/{folder}/{folder}.js" for folder in folders} <= entries()


def test_no_script_is_imported_while_another_one_runs():
    """The links to a page's modules are made from the imports at the head of each."""
    assert [name for name, text in SCRIPTS.items() if re.search(r"\bimport\(", text)] == []


def test_only_one_module_knows_the_storages_of_the_browser():
    """To name one may throw. The two besides it run before all modules."""
    naming = {name for name, text in SCRIPTS.items() if re.search(r"\b(local|session)Storage\b", text)}
    ahead = {"avatar_monitoring/lib/theme_boot.js", "avatar_monitoring/missing_script.js"}
    assert naming == {"avatar_monitoring/lib/browser_store.js"} | ahead


def test_no_style_sheet_imports_another():
    sheets = [path for app in APPS for path in (ROOT / app / "static").rglob("*.css")]
    assert [str(path) for path in sheets if "@import" in path.read_text()] == []


def test_scripts_are_short():
    lengths = {name: len(text.splitlines()) for name, text in SCRIPTS.items()}
    assert {name: length for name, length in lengths.items() if length > MAX_SCRIPT} == {}


def test_tests_of_scripts_stand_where_the_scripts_do():
    tests = {str(path.relative_to(ROOT / "tests" / "js")) for path in (ROOT / "tests" / "js").rglob("*.test.js")}
    tested = {name.removeprefix("avatar_monitoring/").replace(".js", ".test.js") for name in SCRIPTS}
    assert tests - tested == set()
