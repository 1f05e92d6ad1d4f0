from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.breakdown_charts import departures_chart, verdicts_chart
from dashboard.periods import Period, parse
from tests.monitoring.batches import minute

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


def hour(**query: str) -> Period:
    return parse({"range": "1h", **query}, NOW)


def departures(minutes_ago: float, node: str = "web:1", **counts: int) -> None:
    began = (NOW - timedelta(minutes=minutes_ago)).timestamp()
    labels = {f"{cause} /ws/": count for cause, count in counts.items()}
    minute(began, node=node, disconnects=sum(counts.values()), breakdowns={"departures": labels})


def test_the_chart_has_a_series_for_each_cause_that_occurred():
    departures(30, client_closed=3, application_error=1)
    chart = departures_chart(hour())
    assert chart is not None
    shown = [(one["name"], one["label"], one["total"]) for one in chart["series"]]
    assert shown == [("client_closed", "Client closed", 3), ("application_error", "Application error", 1)]
    assert len(chart["times"]) == len(chart["coverage"]) == len(chart["series"][0]["counts"]) == 60
    assert chart["series"][0]["counts"].count(None) == 59, "minutes in which nothing was measured stay gaps"


def test_a_period_in_which_nobody_left_has_no_chart():
    minute((NOW - timedelta(minutes=30)).timestamp(), connections=3)
    assert departures_chart(hour()) is None


def test_one_node_can_be_chosen():
    departures(30, node="web:1", client_closed=3)
    departures(30, node="web:2", client_lost=1)
    chart = departures_chart(replace(hour(), node="web:2"))
    assert chart is not None
    assert [one["name"] for one in chart["series"]] == ["client_lost"]


def test_each_series_links_to_its_sessions():
    departures(30, client_lost=1)
    chart = departures_chart(hour())
    assert chart is not None
    expected = "/sessions/?cause=client_lost&from=2026-01-02T11:00:00Z&to=2026-01-02T12:00:00Z"
    assert chart["series"][0]["url"] == expected


def judged(minutes_ago: float, node: str = "web:1", **counts: int) -> None:
    began = (NOW - timedelta(minutes=minutes_ago)).timestamp()
    minute(began, node=node, connections=1, breakdowns={"verdicts": counts} if counts else {})


def test_the_chart_of_verdicts_shows_shares_of_the_clients_time():
    judged(30, network=30, fine=90)
    judged(29, fine=180)
    judged(28)
    chart = verdicts_chart(hour())
    assert chart is not None
    assert [(one["label"], one["total"]) for one in chart["series"]] == [("fine", 90.0), ("slow network", 10.0)]
    known = [[count for count in one["counts"] if count is not None] for one in chart["series"]]
    assert known == [[75.0, 100.0, 0.0], [25.0, 0.0, 0.0]]
    assert len(chart["times"]) == len(chart["series"][0]["counts"]) == 60


def test_one_node_s_verdicts_can_be_chosen():
    judged(30, node="web:1", fine=60)
    judged(30, node="web:2", hidden=60)
    chart = verdicts_chart(replace(hour(), node="web:2"))
    assert chart is not None
    assert [one["name"] for one in chart["series"]] == ["hidden"]


def test_a_period_in_which_nobody_was_judged_has_no_chart():
    judged(30)
    assert verdicts_chart(hour()) is None
