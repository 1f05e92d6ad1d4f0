"""The alert rules for Prometheus and the dashboard for Grafana of docs/grafana.md."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RULES = ROOT / "docs" / "prometheus" / "avatar-monitoring.rules.yml"
DASHBOARD = json.loads((ROOT / "docs" / "grafana" / "avatar-monitoring.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
PAGE = (ROOT / "docs" / "grafana.md").read_text()


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Skips the test without promtool, except in CI, where that is a failure."""
    if shutil.which("promtool") is None:
        message = "no promtool on this machine: install Debian's package prometheus"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True)


def test_prometheus_reads_the_rules():
    done = promtool("check", "rules", str(RULES))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


def test_alerts_fire_when_they_should_and_not_before():
    done = promtool("test", "rules", str(Path(__file__).with_name("prometheus_rules_test.yml")))
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_reads_every_query_of_the_dashboard(tmp_path):
    rules = [
        {"record": f"panel:{panel['id']}:{target['refId']}", "expr": target["expr"].replace("$__rate_interval", "1m")}
        for panel in PANELS
        for target in panel["targets"]
    ]
    file = tmp_path / "dashboard.yml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = promtool("check", "rules", str(file))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_names_every_alert_and_no_other():
    defined = re.findall(r"- alert: (\w+)", RULES.read_text())
    assert re.findall(r"^\| `(Avatar\w+)` \|", PAGE, re.MULTILINE) == defined


def test_every_panel_has_a_title_a_unit_and_names_of_its_lines():
    for panel in PANELS:
        assert panel["title"], panel["id"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        if len(panel["targets"]) > 1:
            assert all(target["legendFormat"] for target in panel["targets"]), panel["title"]


def test_panels_lie_side_by_side():
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert max(x for x, _ in cells) < 24, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells


def test_numbers_and_names_are_used_once():
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(numbers) == len(set(numbers))
    titles = [panel["title"] for panel in PANELS]
    assert len(titles) == len(set(titles))


def test_it_works_with_any_data_source_and_asks_for_host_and_node():
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert list(variables) == ["datasource", "host", "node"]
    sources = [target["datasource"]["uid"] for panel in PANELS for target in panel["targets"]]
    assert set(sources) == {"${datasource}"}
    for panel in PANELS:
        for target in panel["targets"]:
            per_node = re.findall(r"avatar_\w+(\{[^}]*\})?", target["expr"])
            assert all("$host" in one for one in per_node) or target["expr"] == "avatar_nodes", target["expr"]
