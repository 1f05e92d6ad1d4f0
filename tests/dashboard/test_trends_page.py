from datetime import UTC, datetime, timedelta

import pytest

from dashboard.periods import parse
from dashboard.trends_page import LISTED_NODES, TIERS, bucket_text, per, trends_page
from monitoring.models import Node
from monitoring.resolution import SECOND
from monitoring.tiers import TIERS as STORED
from tests.monitoring.batches import minute

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (5, "5 s"),
        (60, "1 min"),
        (600, "10 min"),
        (3_600, "1 h"),
        (43_200, "12 h"),
        (86_400, "1 day"),
        (172_800, "2 days"),
    ],
)
def test_a_buckets_width_is_in_the_largest_unit(seconds: int, text: str):
    assert bucket_text(seconds) == text


def test_what_comes_once_a_unit_comes_per_unit():
    assert [per(seconds) for seconds in (1, 60, 120, 3_600, 86_400)] == ["second", "minute", "2 min", "hour", "day"]


def test_every_tier_of_the_history_has_words():
    assert set(TIERS) == {SECOND, *STORED}


@pytest.mark.django_db
def test_it_says_with_what_it_is_compared_and_how_much_of_that_is_known():
    minute((NOW - timedelta(minutes=30)).timestamp(), connections=3)
    page = trends_page(parse({"compare": "previous"}, NOW), NOW)
    assert page["facts"][-1] == "dashed: the period before, of which nothing was measured"


@pytest.mark.django_db
def test_a_list_of_very_many_nodes_is_cut_and_says_so():
    Node.objects.bulk_create(
        Node(
            node=f"web:{number:03d}", boot=str(number), host="web", first_seen=NOW - timedelta(minutes=1), last_seen=NOW
        )
        for number in range(LISTED_NODES + 3)
    )
    page = trends_page(parse({}, NOW), NOW)
    assert (len(page["nodes"]), page["more_nodes"]) == (LISTED_NODES, 3)


@pytest.mark.django_db
@pytest.mark.parametrize(("query", "resolution"), [({"range": "6h"}, "minute"), ({"range": "30d"}, "hour")])
def test_the_command_exports_the_rows_of_which_the_charts_are_made(query: dict[str, str], resolution: str):
    command = trends_page(parse(query, NOW), NOW)["command"]
    assert f"--to 2026-01-02T12:00:00Z --resolution {resolution} " in command
