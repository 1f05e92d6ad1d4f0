import pytest

from tests.benchmarks.budget import Row, at_least, at_most


@pytest.mark.parametrize(
    ("budget", "value", "met"),
    [(at_least(6), 6.0, True), (at_least(6), 5.9, False), (at_most(0.5), 0.5, True), (at_most(0.5), 0.51, False)],
)
def test_a_budget_is_met_up_to_and_including_its_limit(budget, value, met):
    assert Row("row", "what", value, "×", budget).met is met


def test_a_row_without_a_budget_is_only_shown():
    row = Row("row", "what", 1.0, "×")
    assert (row.met, row.verdict) == (None, "shown")


def test_as_json_a_row_has_value_unit_budget_and_met():
    row = Row("row", "what", 4.68912, "×", at_least(6), {"ours": "87 µs"}, {"more": 1})
    details = {"what": "what", "sides": {"ours": "87 µs"}, "more": 1, "budget_is": "at least"}
    assert row.as_json() == {"value": 4.689, "unit": "×", "budget": 6, "met": False, "details": details}


def test_a_large_value_keeps_its_magnitude():
    assert Row("row", "what", 123_456.0, "B").as_json()["value"] == 123_500
