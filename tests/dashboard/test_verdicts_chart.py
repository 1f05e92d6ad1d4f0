import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.periods import Period, parse
from dashboard.verdict_texts import COLORS, MEANINGS, WORDS, in_order, verdict_color, verdict_meaning, verdict_text
from dashboard.verdicts_chart import verdicts_chart
from monitoring.core.signals import ClientSignals
from monitoring.core.verdicts import Verdict
from tests.monitoring.batches import minute

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
SCRIPT = Path("dashboard/static/avatar_monitoring/lib/verdicts.js").read_text()


def hour() -> Period:
    return parse({"range": "1h"}, NOW)


def judged(minutes_ago: float, node: str = "web:1", **counts: int) -> None:
    began = (NOW - timedelta(minutes=minutes_ago)).timestamp()
    minute(began, node=node, connections=1, breakdowns={"verdicts": counts} if counts else {})


@pytest.mark.django_db
def test_the_chart_shows_shares_of_the_clients_time():
    judged(30, network=30, fine=90)
    judged(29, fine=180)
    judged(28)
    chart = verdicts_chart(hour())
    assert chart is not None
    assert [(one["label"], one["total"]) for one in chart["series"]] == [("fine", 90.0), ("slow network", 10.0)]
    known = [[count for count in one["counts"] if count is not None] for one in chart["series"]]
    assert known == [[75.0, 100.0, 0.0], [25.0, 0.0, 0.0]]
    assert len(chart["times"]) == len(chart["series"][0]["counts"]) == 60


@pytest.mark.django_db
def test_one_node_can_be_chosen():
    judged(30, node="web:1", fine=60)
    judged(30, node="web:2", hidden=60)
    chart = verdicts_chart(replace(hour(), node="web:2"))
    assert chart is not None
    assert [one["name"] for one in chart["series"]] == ["hidden"]


@pytest.mark.django_db
def test_a_period_in_which_nobody_was_judged_has_no_chart():
    judged(30)
    assert verdicts_chart(hour()) is None


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_words_a_meaning_and_a_colour(verdict):
    assert "_" not in verdict_text(verdict)
    assert verdict_meaning(verdict).endswith(".")
    assert verdict_color(verdict).startswith("--stack-")
    assert len(WORDS) == len(MEANINGS) == len(set(COLORS.values())) == len(Verdict)


def test_a_verdict_of_a_later_release_is_shown_as_it_is():
    assert (verdict_text("disk_full"), verdict_meaning("disk_full")) == ("disk_full", "")
    assert in_order(["disk_full", "hidden", "fine"]) == ["fine", "hidden", "disk_full"]


@pytest.mark.parametrize("texts", [WORDS, MEANINGS], ids=["words", "meanings"])
def test_the_pages_scripts_say_the_same(texts):
    told = re.findall(r'^    (\w+): "(.*)",$', SCRIPT.split("MEANINGS")[texts is MEANINGS], re.MULTILINE)
    assert dict(told) == {verdict.value: text for verdict, text in texts.items()}


def test_the_pages_scripts_can_say_every_signal():
    told = set(re.findall(r"^    (\w+): \[", SCRIPT, re.MULTILINE))
    assert told | {"hidden"} == set(ClientSignals.__struct_fields__)
