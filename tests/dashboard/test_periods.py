from datetime import UTC, datetime, timedelta

import pytest

from dashboard.periods import LENGTHS, LONGEST, SHORT, UnknownPeriodError, around, parse
from monitoring.models import Node

NOW = datetime(2026, 1, 2, 12, 0, 0, 987_654, tzinfo=UTC)
NOON = NOW.replace(microsecond=0)


def heard(node: str, ago: timedelta = timedelta(minutes=10)) -> Node:
    return Node.objects.create(node=node, boot=node, host="vm", first_seen=NOON - ago, last_seen=NOON)


def refusal(**query: str) -> str:
    with pytest.raises(UnknownPeriodError) as error:
        parse(query, NOW)
    return str(error.value)


@pytest.mark.parametrize(
    ("key", "length"),
    [
        ("1h", timedelta(hours=1)),
        ("6h", timedelta(hours=6)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("30d", timedelta(days=30)),
        ("90d", timedelta(days=90)),
        ("1y", timedelta(days=365)),
    ],
)
def test_a_named_range_ends_now(key: str, length: timedelta):
    period = parse({"range": key}, NOW)
    assert (period.key, period.start, period.end) == (key, NOON - length, NOON)


@pytest.mark.parametrize("query", [{}, {"range": ""}, {"from": "", "to": ""}])
def test_the_default_is_the_fleets_last_hour(query: dict[str, str]):
    period = parse(query, NOW)
    assert (period.key, period.node, period.nodes, period.compare) == ("1h", "", None, "")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-01-02T10:00", "2026-01-02T11:30"),
        ("2026-01-02T19:00+09:00", "2026-01-02T11:30:00Z"),
        ("-2h", "-30m"),
    ],
)
def test_a_custom_range_is_in_utc_unless_it_names_another_zone(start: str, end: str):
    period = parse({"from": start, "to": end, "range": "7d"}, NOW)
    assert (period.key, period.start, period.end) == ("", NOON - timedelta(hours=2), NOON - timedelta(minutes=30))


@pytest.mark.parametrize("end", ["", "now", "2027-01-01"])
def test_a_future_end_becomes_now(end: str):
    assert parse({"from": "-2h", "to": end}, NOW).end == NOON


@pytest.mark.parametrize("key", ["2w", "1H", " 1h", "<script>"])
def test_an_unknown_range_is_named_with_what_is_allowed(key: str):
    assert refusal(range=key) == f"range={key}: must be one of {', '.join(LENGTHS)}"


def test_invisible_characters_are_spelled_out():
    assert refusal(range="1h\n\u202e").startswith("range=1h\\n\\u202e: must be")


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"from": "yesterday"}, "from=yesterday: must be now, a time ago such as -30m"),
        ({"from": "-1h", "to": "soon"}, "to=soon: must be now, a time ago"),
        ({"to": "-1h"}, "to=-1h: needs from= as well"),
        ({"from": "-1h", "to": "-1h"}, "from=-1h to=-1h: must begin before its end"),
        ({"from": "-1h", "to": "-2h"}, "from=-1h to=-2h: must begin before its end"),
        ({"from": "2027-01-01"}, "from=2027-01-01 to=now: must begin before now"),
        ({"from": "2015-12-30"}, "from=2015-12-30 to=now: must be at most 10 years long"),
        ({"from": "1970-01-01T00:00", "to": "2999-12-31"}, "must be at most 10 years long"),
        ({"compare": "month"}, "compare=month: must be one of previous, week"),
    ],
)
def test_an_impossible_period_says_why(query: dict[str, str], reason: str):
    assert reason in refusal(**query)


@pytest.mark.parametrize("name", ["range", "from", "compare", "gone"])
def test_a_very_long_value_is_not_repeated_in_full(name: str):
    assert len(refusal(**{name: "9" * 10_000})) < 250


@pytest.mark.django_db
def test_a_node_must_have_been_heard():
    heard("vm:1")
    period = parse({"node": "vm:1"}, NOW)
    assert (period.node, period.nodes) == ("vm:1", ["vm:1"])


@pytest.mark.django_db
def test_an_unknown_node_is_answered_with_the_known_ones():
    assert refusal(node="vm:9") == "node=vm:9: must be the name of a node; this range has none"
    for number in range(7):
        heard(f"vm:{number}")
    assert refusal(node="vm:9").endswith(
        "the name of a node, such as those of this range: vm:0, vm:1, vm:2, vm:3, vm:4 …"
    )


@pytest.mark.parametrize(
    ("compare", "shift"), [("", None), ("previous", timedelta(hours=6)), ("week", timedelta(days=7))]
)
def test_it_is_compared_with_an_earlier_period(compare: str, shift: timedelta | None):
    assert parse({"range": "6h", "compare": compare}, NOW).shift == shift


@pytest.mark.django_db
def test_its_query_shows_the_same_at_any_later_time():
    heard("vm:1")
    period = parse({"range": "6h", "node": "vm:1", "compare": "week", "gone": "shown"}, NOW)
    again = parse(period.query, NOW + timedelta(days=3))
    assert (again.start, again.end) == (period.start, period.end)
    assert (again.node, again.compare, again.gone) == ("vm:1", "week", "shown")


def test_the_wider_range_is_three_times_as_long_around_it():
    wider = parse({"from": "-5h", "to": "-4h"}, NOW).wider(NOON)
    assert wider
    assert (NOON - wider.start, NOON - wider.end) == (timedelta(hours=6), timedelta(hours=3))


def test_the_wider_range_ends_now_and_is_at_most_ten_years_long():
    wider = parse({"from": "-1h"}, NOW).wider(NOON)
    assert wider
    assert (NOON - wider.start, wider.end) == (timedelta(hours=2), NOON)
    longest = parse({"from": "-3000d"}, NOW).wider(NOON)
    assert longest
    assert longest.length == LONGEST
    assert longest.wider(NOON) is None


def test_around_an_episode_includes_the_time_before_and_after():
    short = around(NOON - timedelta(hours=2), NOON - timedelta(minutes=119), NOW)
    assert (NOON - short.start, NOON - short.end) == (timedelta(minutes=130), timedelta(minutes=109))
    still = around(NOON - timedelta(hours=2), None, NOW)
    assert (NOON - still.start, still.end) == (timedelta(hours=3), NOON)


def test_the_button_of_every_range_is_translated():
    assert tuple(LENGTHS) == SHORT
