import json

from tests.benchmarks import report
from tests.benchmarks.budget import Row, at_least, at_most

MACHINE = {
    "cpu": "A CPU", "cores": 2, "kernel": "Linux 6", "python": "3.11", "packages": {"daphne": "4.2"},
    "load_average_before": 0.1,
}  # fmt: skip
MET = Row("tick_ms_10", "CPU of a tick", 0.2, "ms", at_most(0.3), {"median": "0.2 ms"})
MISSED = Row("fanout", "CPU per frame", 4.7, "×", at_least(6), {"stock": "400 µs", "ours": "85 µs"})
SHOWN = Row("workers", "messages a second", 1.8, "×")


def test_a_line_has_value_budget_verdict_and_both_sides():
    text = report.line(MISSED)
    assert all(part in text for part in ("4.7 ×", "budget ≥ 6", "NOT MET", "stock: 400 µs", "ours: 85 µs"))


def test_the_summary_counts_budgets_and_names_those_not_met():
    assert report.summary([MET, MISSED, SHOWN]) == "1 of 2 budgets met; not: fanout"
    assert report.summary([MET]) == "1 of 1 budgets met"


def test_the_json_has_a_member_for_each_row_and_the_machine():
    written = json.loads(report.as_json([MET, SHOWN], MACHINE))
    assert written.keys() == {"tick_ms_10", "workers", "machine"}
    assert written["tick_ms_10"].keys() == {"value", "unit", "budget", "met", "details"}


def test_a_busy_machine_causes_a_warning():
    assert report.head(MACHINE) == "A CPU, 2 cores, Linux 6, Python 3.11; daphne 4.2"
    assert "busy (load 2.0)" in report.head({**MACHINE, "load_average_before": 2.0})
