from dashboard.past_moment import nodes_of
from monitoring.core.stats.fold import NodeSample
from tests.monitoring.batches import MINUTE, sample


def part(node: str, start: float = MINUTE, seconds: float = 1.0, boot: str = "", **values) -> NodeSample:
    return NodeSample(node, "web", sample(start, seconds=seconds, **values), boot)


def test_each_node_has_a_row_by_name():
    rows = nodes_of([part("web:2", messages=3, connections=4, cpu_percent=12), part("web:1")])
    assert rows == [
        {"node": "web:1", "host": "web", "active_connections": None, "messages_per_second": 0, "cpu_percent": None},
        {"node": "web:2", "host": "web", "active_connections": 4, "messages_per_second": 3, "cpu_percent": 12},
    ]


def test_a_node_that_started_anew_is_one():
    before = part("web:1", seconds=0.5, boot="aaaa1", connections=4)
    after = part("web:1", MINUTE + 0.5, 0.5, boot="bbbb2", connections=4)
    (row,) = nodes_of([before, after])
    assert (row["node"], row["active_connections"]) == ("web:1", 4)


def test_two_of_one_name_side_by_side_are_two():
    rows = nodes_of([part("web:1", boot="bbbb2", connections=3), part("web:1", boot="aaaa1", connections=4)])
    assert [(row["node"], row["active_connections"]) for row in rows] == [("web:1#aaaa", 4), ("web:1#bbbb", 3)]


def test_a_rate_over_no_time_is_not_known():
    assert nodes_of([part("web:1", seconds=0, messages=3)])[0]["messages_per_second"] is None


def test_nobody_is_no_row():
    assert nodes_of([]) == []
