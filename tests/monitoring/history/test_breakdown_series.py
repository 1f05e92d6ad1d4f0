from datetime import UTC, datetime, timedelta

import pytest

from monitoring.history.breakdown_series import MOST_LABELS, By, breakdown_series
from monitoring.storage.roll_up import roll_up
from tests.monitoring.batches import MINUTE, minute

pytestmark = pytest.mark.django_db
START = datetime.fromtimestamp(MINUTE, UTC)


def counted(kind: str = "departures", minutes: float = 3, **options):
    return breakdown_series(kind, START, START + timedelta(minutes=minutes), **options)


def departures(start: float = MINUTE, node: str = "web:1", **counts: int) -> None:
    """Stores a node's minute; `client_lost=2` left /ws/ so."""
    labels = {f"{cause} /ws/": count for cause, count in counts.items()}
    minute(start, node=node, disconnects=sum(counts.values()), breakdowns={"departures": labels})


def test_counts_of_each_cause_per_bucket_the_commonest_first():
    departures(client_lost=1, client_closed=2)
    departures(MINUTE + 120, client_closed=1)
    found = counted()
    assert found.times == [MINUTE, MINUTE + 60, MINUTE + 120]
    assert list(found.counts.items()) == [("client_closed", [2, None, 1]), ("client_lost", [1, None, 0])]
    assert found.totals == {"client_closed": 3, "client_lost": 1}
    assert (found.coverage, found.tier, found.bucket_seconds) == ([1.0, 0.0, 1.0], "minute", 60)


def test_counts_of_nodes_add_up_and_one_node_can_be_chosen():
    departures(node="web:1", client_closed=2)
    departures(node="web:2", client_closed=3)
    assert counted().counts["client_closed"][0] == 5
    assert counted(nodes=["web:2"]).counts["client_closed"][0] == 3
    assert counted(nodes=["web:1", "web:2"]).counts["client_closed"][0] == 5


def test_hours_hold_the_counts_of_their_minutes():
    departures(client_closed=2)
    departures(MINUTE + 60, client_closed=1)
    roll_up()
    found = breakdown_series("departures", START - timedelta(days=60), START + timedelta(hours=1), points=100)
    assert (found.tier, found.totals) == ("hour", {"client_closed": 3})


def test_counts_by_path_or_of_one_path():
    counts = {"client_closed /ws/a/": 2, "client_lost /ws/a/": 1, "client_closed /ws/b/": 4}
    minute(disconnects=7, breakdowns={"departures": counts})
    assert counted(by=By.PATH).totals == {"/ws/b/": 4, "/ws/a/": 3}
    assert counted(by=By.LABEL).totals == counts
    assert counted(path="/ws/a/").totals == {"client_closed": 2, "client_lost": 1}


def test_departures_of_an_older_release_have_no_known_cause():
    minute(disconnects=3)
    assert counted().totals == {"unknown": 3}
    assert counted(path="/ws/").totals == {}


def test_who_was_found_killed_is_not_among_what_nodes_count():
    minute(disconnects=2, breakdowns={"departures": {"client_closed /": 1, "server_killed /": 5}})
    assert counted().totals == {"server_killed": 5, "client_closed": 1, "unknown": 1}


def test_what_is_beyond_the_limit_is_counted_together():
    sizes = {f"5 /{number:03}/": 1 for number in range(MOST_LABELS + 1)} | {"6 /busy/": 5}
    minute(breakdowns={"message_sizes": sizes})
    found = counted("message_sizes", by=By.PATH)
    assert (len(found.counts), found.counts["/busy/"][0], found.counts["other"][0]) == (MOST_LABELS, 5, 3)


def test_an_unknown_kind_or_an_empty_range_is_refused():
    with pytest.raises(ValueError, match="kind=colours: must be one of verdicts, departures, message_sizes"):
        counted("colours")
    with pytest.raises(ValueError, match="the range must end after it starts"):
        counted(minutes=0)
