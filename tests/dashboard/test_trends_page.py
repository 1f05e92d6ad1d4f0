from datetime import UTC, datetime, timedelta

import pytest

from dashboard.periods import parse
from dashboard.trends_page import LISTED_NODES, TIERS, bucket_text, length_text, per, trends_page
from monitoring.history.resolution import SECOND
from monitoring.models import Node
from monitoring.models.tiers import TIERS as STORED
from monitoring.storage.roll_up import roll_up
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


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (46, "46 s"),
        (60, "1 min"),
        (107, "1 min 47 s"),
        (66_226, "18 h 23 min"),
        (86_400, "1 day"),
        (90_005, "1 day 1 h"),
    ],
)
def test_a_length_of_time_is_in_its_two_largest_units(seconds: int, text: str):
    assert length_text(seconds) == text


def test_what_comes_once_a_unit_comes_per_unit():
    assert [per(seconds) for seconds in (1, 60, 120, 3_600, 86_400)] == ["second", "minute", "2 min", "hour", "day"]


def test_every_tier_of_the_history_has_words():
    assert set(TIERS) == {SECOND, *STORED}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "facts"),
    [
        (
            {"range": "1y"},
            ["one value per day, from stored days, reaching 1 day beyond the range", "less than 0.1 %"],
        ),
        (
            {"range": "1h"},
            ["one value per minute, from stored minutes, reaching 1 min beyond the range", "1.6 %"],
        ),
    ],
)
def test_how_far_rows_reach_beyond_the_range_is_said_in_words(query: dict[str, str], facts: list[str]):
    now = datetime.now(UTC).replace(hour=18, minute=23, second=46, microsecond=0) - timedelta(days=1)
    minute((now - timedelta(minutes=30)).timestamp() // 60 * 60, connections=3)
    roll_up()
    page = trends_page(parse(query, now), now)
    assert page["facts"] == [facts[0], f"{facts[1]} of the range was measured"]


@pytest.mark.django_db
def test_it_says_with_what_it_is_compared_and_how_much_of_that_is_known():
    minute((NOW - timedelta(minutes=30)).timestamp(), connections=3)
    page = trends_page(parse({"compare": "previous"}, NOW), NOW)
    assert page["facts"][-1] == "dashed: the previous period, in which nothing was measured"


@pytest.mark.django_db
def test_nodes_that_are_gone_for_longer_than_the_range_are_shown_on_demand():
    for name, ago in {"web:1": timedelta(), "web:4711": timedelta(hours=2)}.items():
        Node.objects.create(node=name, boot=name, host="web", first_seen=NOW - timedelta(days=1), last_seen=NOW - ago)
    page = trends_page(parse({}, NOW), NOW)
    assert (page["nodes"], page["gone_nodes"]) == (["web:1"], 1)
    assert trends_page(parse({"gone": "shown"}, NOW), NOW)["nodes"] == ["web:1", "web:4711"]
    assert trends_page(parse({"range": "6h"}, NOW), NOW)["nodes"] == ["web:1", "web:4711"]


def test_the_choice_of_nodes_has_a_switch_for_those_that_are_gone(viewer):
    now = datetime.now(UTC)
    for name, ago in {"web:1": timedelta(), "web:4711": timedelta(hours=2)}.items():
        Node.objects.create(node=name, boot=name, host="web", first_seen=now - timedelta(days=1), last_seen=now - ago)
    page = viewer.get("/trends/").content.decode()
    assert 'href="?gone=shown">Show 1 more that was not heard in this range</a>' in page
    assert "web:4711" not in page
    page = viewer.get("/trends/?gone=shown").content.decode()
    assert "Hide nodes that were not heard in this range</a>" in page
    assert "?gone=shown&amp;node=web%3A4711" in page
    assert viewer.get("/trends/?gone=1").status_code == 400


@pytest.mark.django_db
def test_a_node_that_started_again_stands_once():
    for boot in "abcde":
        Node.objects.create(node="web:1", boot=boot, host="web", first_seen=NOW, last_seen=NOW)
    assert Node.objects.names() == ["web:1"]


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
