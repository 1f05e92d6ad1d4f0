from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.cause_texts import COLORS, MEANINGS, WORDS, cause_color, cause_meaning, cause_text
from dashboard.departures_chart import departures_chart
from dashboard.periods import Period, parse
from monitoring.core.causes import Cause
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


def test_every_cause_has_words_a_meaning_and_a_colour_of_its_own():
    assert set(WORDS) == set(MEANINGS) == set(COLORS) == set(Cause)
    assert len(set(COLORS.values())) == len(Cause)
    assert cause_text("client_lost") == "Client lost"
    assert cause_meaning("client_lost").endswith(".")


def test_a_cause_of_a_later_release_is_shown_as_it_is():
    assert (cause_text("abducted"), cause_meaning("abducted"), cause_color("abducted")) == (
        "abducted",
        "",
        "--stack-14",
    )
    assert cause_text("") == ""
