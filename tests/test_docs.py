"""The pages on the protocol, the API, exports and faults agree with the code; tests/docs has the other pages."""

import json
import re

import pytest
from django.core.management import BaseCommand, get_commands, load_command_class

from monitoring import PerformanceMonitor
from monitoring.admin.list_exports import EVER
from monitoring.api.endpoints import api
from monitoring.core.alert_rules import DEFAULT_THRESHOLDS
from monitoring.core.journal_state import JournalState
from monitoring.export import FORMATS
from monitoring.export.aggregates import Aggregates
from monitoring.export.selection import of_alerts, of_sessions
from monitoring.exposition import families
from monitoring.exposition.instruments import MEASURES
from monitoring.models import Alert, ClientSession, Minute
from tests.docs.pages import ROOT, names, page, section

API, EXPORT, PROTOCOL = page("api.md"), page("export.md"), page("protocol.md")


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
    assert set(example["clients"][0]) == set(frame["clients"][0]) | {"evidence", "sure"}


def test_the_api_docs_name_every_address_and_its_parameters():
    documented = {
        cells[1].strip(" `"): names([cells[2]])
        for line in section(API, "Addresses").splitlines()
        if len(cells := line.split("|")) > 3 and cells[1].startswith(" `/")
    }
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    read = {path: operations["get"] for path, operations in paths.items() if "get" in operations}
    assert {path: found for path, found in documented.items() if path in read} == {
        path: {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"}
        for path, operation in read.items()
    }
    written = {path for path, operations in paths.items() if "post" in operations}
    text = (ROOT / "docs/api.md").read_text()
    assert {path for path in written if path not in text} == set()


def test_the_api_docs_name_every_refusal():
    raised = "".join((ROOT / "monitoring" / name).read_text() for name in ("access.py", "exposition/openmetrics.py"))
    raised += "".join(path.read_text() for path in (ROOT / "monitoring/api").glob("*.py"))
    patterns = r'Refused\(\s*\d+,\s*"(\w+)"', r'"error": "(\w+)"', r'_conflict\("(\w+)"', r'Error: "(\w+)",'
    codes = {code for pattern in patterns for code in re.findall(pattern, raised)}
    rows = [line for line in section(API, "Refusals").splitlines() if re.match(r"\| \d", line)]
    assert {name for name in names(rows) if name.isidentifier() and name.islower()} == codes


def test_the_api_docs_name_every_metric_with_type_labels_and_meaning():
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in section(API, "OpenMetrics").splitlines()
        if line.startswith("| `avatar_")
    ]
    exposed = [families.family(measure, []) for measure in MEASURES]
    names_of = [family.name + ("_total" if family.type == "counter" else "") for family in exposed]
    labels = [[*families.SCOPE_LABELS[measure.scope], *measure.labels] for measure in MEASURES]
    assert rows[2:] == [
        [f"`{name}`", family.type, " ".join(f"`{label}`" for label in found), family.documentation]
        for name, family, found in zip(names_of, exposed, labels, strict=True)
    ]


def columns_under(heading: str) -> list[str]:
    """The columns that docs/export.md names there; `_min` stands for the previous name with another ending."""
    found: list[str] = []
    for name in re.findall(
        r"`([a-z0-9_]+)`", "".join(re.findall(r"^\|([^|]+)\|", section(EXPORT, heading), re.MULTILINE))
    ):
        found.append(found[-1].rpartition("_")[0] + name if name.startswith("_") else name)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("heading", "records"),
    [
        ("minutes, hours and days", lambda: Aggregates(Minute.objects.all(), *EVER)),
        ("alerts", lambda: of_alerts(Alert.objects.all())),
        ("sessions", lambda: of_sessions(ClientSession.objects.all())),
    ],
)
def test_the_docs_name_every_column_of_an_export(heading, records):
    assert sorted(columns_under(f"Columns of {heading}")) == sorted(column.name for column in records().columns)


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
