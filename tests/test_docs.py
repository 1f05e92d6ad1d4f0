"""The documentation says what the code does, and the other way round."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import resolve

from monitoring import PerformanceMonitor, conf
from monitoring.core.alerts import DEFAULT_THRESHOLDS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()


def table(heading: str) -> list[str]:
    """The first cells of the table under a heading of the README."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("|")][2:]


def names(cells: list[str]) -> set[str]:
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 150


def test_the_readme_lists_exactly_the_variables_that_are_read():
    settings = (ROOT / "avatar_site" / "settings.py").read_text()
    read = set(re.findall(r'"((?:AVATAR|DJANGO)_[A-Z_]+|REDIS_URL|DATABASE_URL)"', settings)) - {"AVATAR_"}
    assert names(table("Variables")) == read | set(conf.VARIABLES)


def test_the_variables_defaults_are_those_of_the_code():
    defaults = dict(re.findall(r"^\| `(AVATAR_[A-Z_]+)` \| `([^`]+)` \|", README, re.MULTILINE))
    for name, (field, parse) in conf.VARIABLES.items():
        if name in defaults:
            assert parse(defaults[name]) == getattr(conf.MonitoringSettings(), field)


def test_every_page_of_the_readme_exists():
    for url in names(table("Pages")) - {"/ws/avatar/", "/ws/metrics/"}:
        assert resolve(url.replace("<id>", "ada"))


@pytest.mark.parametrize("name", ["start_avatar_web_server", "simulate_avatars", "export_metrics"])
def test_the_readme_names_only_options_that_a_command_has(name):
    row = next(line for line in README.splitlines() if line.startswith("| `python manage.py " + name))
    command = load_command_class(get_commands()[name], name)
    options = command.create_parser("manage.py", name)._option_string_actions
    assert set(re.findall(r"--[a-z-]+", row)) <= set(options)


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
    assert set(example["server"]) == set(frame["server"]) | {"viewers", "skipped_frames"}
    assert set(example["server"]["monitor"]) == set(frame["server"]["monitor"])
    assert set(example["clients"][0]) == set(frame["clients"][0])


def test_every_link_of_the_docs_leads_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
