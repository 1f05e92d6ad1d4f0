"""The documentation and the code agree with each other."""

import ast
import inspect
import json
import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import BaseCommand, get_commands, load_command_class
from django.urls import resolve

import monitoring
from avatar_site import settings as site_settings
from monitoring import PerformanceMonitor, conf
from monitoring.admin.csv_export import EVER
from monitoring.api.endpoints import api
from monitoring.core.alert_rules import DEFAULT_THRESHOLDS
from monitoring.core.journal_state import JournalState
from monitoring.export import FORMATS
from monitoring.export.aggregates import Aggregates
from monitoring.export.selection import of_alerts, of_sessions
from monitoring.exposition import openmetrics
from monitoring.exposition.instruments import MEASURES
from monitoring.models import Alert, ClientSession, Minute

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *(ROOT / "docs").glob("*.md"),
]
README = (ROOT / "README.md").read_text()
API = (ROOT / "docs" / "api.md").read_text()
CHECKS = (ROOT / "docs" / "checks.md").read_text()
COMMANDS = (ROOT / "docs" / "commands.md").read_text()
EXPORT = (ROOT / "docs" / "export.md").read_text()
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
PYTHON = (ROOT / "docs" / "python.md").read_text()
SETTINGS = (ROOT / "docs" / "settings.md").read_text()


def rows(text: str) -> list[list[str]]:
    """The cells of each row of the tables in a text, without the heads."""
    lines = [line for line in text.splitlines() if line.lstrip().startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]] for line in lines]
    # A row of dashes follows each head.
    rules = {number for number, row in enumerate(cells) if set("".join(row)) <= {"-"}}
    return [row for number, row in enumerate(cells) if number not in rules and number + 1 not in rules]


def section(text: str, heading: str, level: str = "##") -> str:
    """What stands under a heading, with the smaller headings in it."""
    return re.split(
        rf"^#{{1,{len(level)}}} ", text.split(f"{level} {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE
    )[0]


def names(cells: list[str]) -> set[str]:
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_the_readme_shows_both_readers_what_to_do_on_its_first_screen():
    lines = README.splitlines()
    assert len(lines) <= 80
    assert lines.index("## Run the site") < lines.index("## Add it to your project") < 25


def code_lines(text: str, heading: str) -> list[str]:
    """The statements of the first example under a heading, without comments, alignment and imports."""
    example = re.search(r"```python\n(.*?)```", text[text.index(heading) :], re.DOTALL)[1]
    lines = [re.sub(r"\s+", " ", line.partition("  #")[0]).strip() for line in example.splitlines()]
    return [line for line in lines if line and (not line.startswith("#") or "pip install" in line)]


def test_the_readme_and_the_first_page_show_the_same_six_lines():
    six = code_lines(README, "## Add it to your project")
    assert len(six) == 6
    assert code_lines((ROOT / "docs" / "adopt.md").read_text(), "# Install in five minutes") == six


def variables(*headings: str) -> dict[str, list[str]]:
    """The rows of settings.md, by variable."""
    found = [row for heading in headings for row in rows(section(SETTINGS, heading))]
    return {row[0].strip("`"): row for row in found}


OF_MONITORING = ("Monitoring", "Alerts", "History", "Who may look")


def test_the_settings_page_lists_exactly_the_variables_of_monitoring():
    assert set(variables(*OF_MONITORING)) == set(conf.VARIABLES)


@pytest.mark.parametrize("name", conf.VARIABLES)
def test_it_says_what_a_variable_is_by_default_and_must_be(name):
    field, parse = conf.VARIABLES[name]
    _, default, allowed, _ = variables(*OF_MONITORING)[name]
    default_of_code = getattr(conf.MonitoringSettings(), field)
    if re.fullmatch("`[^`]+`", default):
        assert parse(default.strip("`")) == default_of_code
    else:
        assert not default_of_code
    (error,) = conf.problems({name: "?!"})
    assert error.endswith(f": must be {allowed}")


def test_the_settings_page_lists_exactly_the_variables_that_the_site_reads():
    settings = (ROOT / "avatar_site" / "settings.py").read_text()
    read = set(re.findall(r'"((?:AVATAR|DJANGO)_[A-Z_]+|REDIS_URL|DATABASE_URL)"', settings)) - {"AVATAR_"}
    assert set(variables("The avatar site")) == read - set(conf.VARIABLES)


SITE_VARIABLES = re.findall(
    r'env\.parsed\(\s*"(\w+)",\s*"([^"]*)",\s*(\w+(?:\([^)]*\))?)', (ROOT / "avatar_site" / "settings.py").read_text()
)


@pytest.mark.parametrize(
    ("name", "default", "parser"), [row for row in SITE_VARIABLES if not row[0].startswith(("SITE_", "DJANGO_SECRET"))]
)
def test_it_says_what_a_variable_of_the_site_is_by_default_and_must_be(name, default, parser):
    parse = eval(parser, vars(site_settings))
    _, documented, allowed, _ = variables("The avatar site")[name]
    if documented.startswith("`"):
        assert parse(documented.strip("`")) == parse(default)
    else:
        assert not default
    with pytest.raises(ValueError) as error:  # noqa: PT011  (its text is what is compared)
        parse("://?!")
    assert str(error.value).startswith(allowed)


def test_the_settings_page_names_the_settings_of_django_that_are_read():
    source = (ROOT / "monitoring" / "conf.py").read_text()
    read = set(re.findall(r'getattr\(django_settings, "(\w+)"', source))
    assert names([row[0] for row in rows(section(SETTINGS, "Django settings of a project"))]) == read


def test_every_page_of_the_site_that_the_docs_name_exists():
    for url in names([row[0] for row in rows(section((ROOT / "docs" / "run.md").read_text(), "Pages"))]):
        if not url.startswith("/ws/"):
            assert resolve(url.replace("<id>", "ada"))


OWN_APPS = {"monitoring": "In every project", "avatar_site": "In the avatar site"}
SITE_ONLY = {"benchmark_monitoring"}
"""It runs the repository's tests, so the package leaves it out."""

OWN_COMMANDS = sorted(name for name, app in get_commands().items() if app in OWN_APPS)
DJANGOS_OPTIONS = set(BaseCommand().create_parser("manage.py", "none")._option_string_actions)


def test_the_commands_page_lists_every_command_under_who_has_it():
    listed = {
        app: set(re.findall(r"^### `(\w+)`$", section(COMMANDS, heading), re.MULTILINE)) - {"check"}
        for app, heading in OWN_APPS.items()
    }
    commands = get_commands()
    in_every_project = {name for name in OWN_COMMANDS if commands[name] == "monitoring"} - SITE_ONLY
    assert listed == {"monitoring": in_every_project, "avatar_site": set(OWN_COMMANDS) - in_every_project}


@pytest.mark.parametrize("name", OWN_COMMANDS)
def test_the_commands_page_names_exactly_the_options_of_a_command(name):
    command = load_command_class(get_commands()[name], name)
    options = set(command.create_parser("manage.py", name)._option_string_actions)
    if command.__class__.__mro__[1] is not BaseCommand:  # one of Django's with another behaviour
        options &= DJANGOS_OPTIONS
    assert set(re.findall(r"--[a-z][a-z-]+", section(COMMANDS, f"`{name}`", "###"))) == options - DJANGOS_OPTIONS


def test_the_docs_name_only_commands_and_make_targets_that_exist():
    text = "\n".join(page.read_text() for page in PAGES)
    assert set(re.findall(r"manage\.py (\w+)", text)) <= {*get_commands(), "runserver"}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE)) <= targets
    assert {name.removeprefix("make ") for row in rows(section(COMMANDS, "make")) for name in names(row[:1])} == targets


def test_the_python_page_begins_with_exactly_the_public_names():
    listed = [row[0].strip("`").partition("(")[0] for row in rows(section(PYTHON, "Names").partition("###")[0])]
    assert sorted(listed) == sorted(monitoring.__all__)


@pytest.mark.parametrize("name", ["monitored", "connection_of"])
def test_the_python_page_shows_the_arguments_of_a_function(name):
    (shown,) = re.findall(rf"^\| `{name}\((.*?)\)` \|", PYTHON, re.MULTILINE)
    parameters = inspect.signature(getattr(monitoring, name)).parameters.values()
    assert shown == ", ".join(str(one.replace(annotation=one.empty)).replace("'", '"') for one in parameters)


def test_the_page_of_checks_lists_every_id():
    sources = [path for app in ("monitoring", "dashboard", "packaging") for path in (ROOT / app).rglob("*.py")]
    raised = set(re.findall(r"avatar_monitoring\.[EWI]\d{3}", "".join(path.read_text() for path in sources)))
    listed = [row[0].strip("`") for row in rows(CHECKS)]
    assert sorted(listed) == sorted(raised)


def test_the_extras_on_the_first_page_are_those_of_the_package():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    listed = {row[0].strip("`"): row for row in rows(section((ROOT / "docs" / "adopt.md").read_text(), "Extras"))}
    assert set(listed) == set(extras)


def test_the_thresholds_in_the_docs_are_those_of_the_code():
    text = (ROOT / "docs" / "python.md").read_text()
    documented = dict(re.findall(r"`(cpu_percent|memory_percent|latency_ms|stale_client_seconds)` \((\d+)\)", text))
    assert {name: float(value) for name, value in documented.items()} == DEFAULT_THRESHOLDS


def test_the_protocol_shows_every_key_of_the_metrics_message():
    example = json.loads(re.search(r"```json\n(.*?)```", PROTOCOL, re.DOTALL)[1])
    monitor = PerformanceMonitor()
    monitor.collector.track_client_connection("ada")
    frame = monitor.get_current_metrics()
    assert set(example) == set(frame)
    assert set(example["system"]) == set(frame["system"])
    assert set(example["server"]) == set(frame["server"]) | {"viewers", "skipped_frames", "journal"}
    assert example["server"]["journal"] == JournalState(on_disk=True).as_dict()
    assert set(example["server"]["monitor"]) == set(frame["server"]["monitor"])
    assert set(example["clients"][0]) == set(frame["clients"][0])


def test_the_api_docs_name_every_address_and_its_parameters():
    documented = {
        cells[1].strip(" `"): names([cells[2]])
        for line in section(API, "Addresses").splitlines()
        if len(cells := line.split("|")) > 3 and cells[1].startswith(" `/")
    }
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    assert documented == {
        path: {parameter["name"] for parameter in operations["get"].get("parameters", [])}
        for path, operations in paths.items()
    }


def test_the_api_docs_name_every_refusal():
    raised = "".join((ROOT / "monitoring" / name).read_text() for name in ("access.py", "exposition/openmetrics.py"))
    raised += "".join(path.read_text() for path in (ROOT / "monitoring/api").glob("*.py"))
    codes = set(re.findall(r'Refused\(\s*\d+,\s*"(\w+)"', raised)) | set(re.findall(r'"error": "(\w+)"', raised))
    rows = [line for line in section(API, "Refusals").splitlines() if re.match(r"\| \d", line)]
    assert {name for name in names(rows) if name.isidentifier() and name.islower()} == codes


def test_the_api_docs_name_every_metric_with_type_labels_and_meaning():
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in section(API, "OpenMetrics").splitlines()
        if line.startswith("| `avatar_")
    ]
    families = [openmetrics.family(measure, []) for measure in MEASURES]
    names_of = [family.name + ("_total" if family.type == "counter" else "") for family in families]
    labels = [[*openmetrics.SCOPE_LABELS[measure.scope], *measure.labels] for measure in MEASURES]
    assert rows[2:] == [
        [f"`{name}`", family.type, " ".join(f"`{label}`" for label in found), family.documentation]
        for name, family, found in zip(names_of, families, labels, strict=True)
    ]


def columns_under(heading: str) -> list[str]:
    """The columns that docs/export.md names there; `_min` stands for the previous name with another ending."""
    found: list[str] = []
    for name in re.findall(
        r"`([a-z0-9_]+)`", "".join(re.findall(r"^\|([^|]+)\|", section(EXPORT, heading), re.MULTILINE))
    ):
        found.append(found[-1].rpartition("_")[0] + name if name.startswith("_") else name)
    return found


@pytest.mark.parametrize(
    ("heading", "records"),
    [
        ("minutes, hours and days", Aggregates(Minute.objects.all(), *EVER)),
        ("alerts", of_alerts(Alert.objects.all())),
        ("sessions", of_sessions(ClientSession.objects.all())),
    ],
)
def test_the_docs_name_every_column_of_an_export(heading, records):
    assert sorted(columns_under(f"Columns of {heading}")) == sorted(column.name for column in records.columns)


def test_the_export_docs_name_every_format_and_only_existing_options():
    assert names(
        [line.split("|")[1] for line in section(EXPORT, "Formats").splitlines() if line.startswith("| `")]
    ) == {*FORMATS}
    command = load_command_class(get_commands()["export_metrics"], "export_metrics")
    options = set(command.create_parser("manage.py", "export_metrics")._option_string_actions)
    own = options - set(BaseCommand().create_parser("manage.py", "none")._option_string_actions)
    documented = set(re.findall(r"--[a-z]+", EXPORT))
    assert documented <= options
    assert own <= documented


def test_every_fault_in_the_docs_is_shown_by_a_test():
    rows = [line for line in (ROOT / "docs" / "reliability.md").read_text().splitlines() if line.count("|") == 5]
    named = {name for row in rows[2:] for name in re.findall(r"`(test_\w+)`", row.split("|")[4])}
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) >= len(rows[2:])
    assert {name for name in named if f"def {name}(" not in tests} == set()
    faults = "".join(path.read_text() for path in (ROOT / "tests" / "faults").glob("test_*.py"))
    assert set(re.findall(r"def (test_\w+)\(", faults)) <= named


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings that the site and GitHub make alike."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = [
        re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", line).replace("`", "")
        for line in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    ]
    plain = [re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in headings]
    return {re.sub(r"[-\s]+", "-", heading) for heading in plain} & {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_in_the_docs_leads_somewhere(page):
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", text):
        linked = page.parent / target if target else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), f"{target}#{anchor}"


def test_the_site_has_every_page_in_its_navigation():
    nav = (ROOT / "mkdocs.yml").read_text().split("\nnav:\n", 1)[1]
    listed = re.findall(r": ([\w-]+\.md)$", nav, re.MULTILINE)
    assert sorted(listed) == sorted(page.name for page in PAGES if page.name != "README.md")


def test_the_site_asks_no_other_host():
    configuration = (ROOT / "mkdocs.yml").read_text()
    assert re.search(r"^  font: false$", configuration, re.MULTILINE)
    assert "http" not in configuration
    # Its theme would load Mermaid from another host.
    assert [page.name for page in PAGES if "```mermaid" in page.read_text() or "](http" in images(page)] == []


def images(page: Path) -> str:
    return "".join(re.findall(r"!(\[[^]]*\]\([^)]*\))", page.read_text()))


def test_the_docs_name_only_modules_that_exist_and_import_only_names_that_exist():
    text = "\n".join(page.read_text() for page in PAGES)
    paths = re.findall(r"`((?:\w+/)+\w+\.py)`", text)
    assert [
        path for path in set(paths) if not any((root / path).exists() for root in (ROOT, ROOT / "monitoring"))
    ] == []
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        compile(block, "example", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        for line in re.findall(r"^from (?:monitoring|dashboard|avatar_site)\b.*", block, re.MULTILINE):
            exec(line, {})
        # The package has the same public names.
        for line in re.findall(r"^from avatar_monitoring import (.*)", block, re.MULTILINE):
            assert set(line.split(", ")) <= set(monitoring.__all__)
