"""Every metric and label that docs/grafana.md's dashboard and alerts name is in the answer of a real server."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.request import Request, urlopen

from prometheus_client.openmetrics.parser import text_string_to_metric_families
from websockets.sync.client import connect

from tests.site import ROOT, Site, eventually

TOKEN = "a-token-of-a-test-of-metrics"
RULES = (ROOT / "docs" / "prometheus" / "avatar-monitoring.rules.yml").read_text()
DASHBOARD = json.loads((ROOT / "docs" / "grafana" / "avatar-monitoring.json").read_text())
NAME = re.compile(r"\b(avatar_\w+)(?:\{([^}]*)\})?")
GROUPED = re.compile(r"\b(?:by|without|ignoring|on) \(([^)]*)\)")

SELDOM = {
    "avatar_departures_total",
    "avatar_connections_refused_total",
    "avatar_project_value",
    "avatar_store_lag_seconds",
}
"""They have a series once there is something to tell; their labels are those of their definitions."""


def queries() -> Iterator[str]:
    yield from re.findall(r"expr: ((?:\|\n(?:          .*\n)+)|.*\n)", RULES)
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]
    for variable in DASHBOARD["templating"]["list"]:
        yield variable.get("definition", "")


def scraped(site: Site) -> dict[str, set[str]]:
    """The names of the labels of each series name."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/openmetrics-text"}
    with urlopen(Request(f"{site.url}/metrics", headers=headers), timeout=10) as answer:
        text = answer.read().decode()
    found: dict[str, set[str]] = defaultdict(set)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] |= set(sample.labels)
    return found


def test_they_are_all_in_the_answer_of_a_server_that_has_had_a_client(site):
    site.environment["AVATAR_API_TOKENS"] = TOKEN
    site.daphne()
    wanted = {name for query in queries() for name, _ in NAME.findall(query)}
    assert len(wanted) > 40
    with connect(f"ws://127.0.0.1:{site.port}/ws/avatar/?client_id=ann") as client:
        client.send(json.dumps({"type": "telemetry", "fps": 60, "frame_time_ms": 16.7, "hidden": False}))
        measured = {"avatar_client_frame_rate", "avatar_client_time_seconds_total"}
        before = eventually(lambda: measured <= (now := scraped(site)).keys() and now, seconds=30)
    after = eventually(lambda: (now := scraped(site)).get("avatar_departures_total") and now, seconds=30)
    found = {**before, **after}
    assert wanted - set(found) <= SELDOM
    for query in queries():
        for name, matchers in NAME.findall(query):
            labels = set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", matchers))
            assert name not in found or labels <= found[name], query
        grouped = {label.strip() for labels in GROUPED.findall(query) for label in labels.split(",")}
        names = [name for name, _ in NAME.findall(query) if name in found]
        assert not names or grouped <= set().union(*(found[name] for name in names)), query
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            names = [name for name, _ in NAME.findall(target["expr"]) if name in found]
            assert not names or shown <= set().union(*(found[name] for name in names)), panel["title"]
