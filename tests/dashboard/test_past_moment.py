from dashboard.past_moment import nodes_of
from monitoring.core.fold import Part
from tests.monitoring.batches import MINUTE, sample


def part(node: str, start: float = MINUTE, seconds: float = 1.0, **values) -> Part:
    return Part(node, "web", sample(start, seconds=seconds, **values))


def test_each_node_has_a_row_by_name():
    rows = nodes_of([part("web:2", messages=3, connections=4, cpu_percent=12), part("web:1")])
    assert rows == [
        {"node": "web:1", "host": "web", "active_connections": None, "messages_per_second": 0, "cpu_percent": None},
        {"node": "web:2", "host": "web", "active_connections": 4, "messages_per_second": 3, "cpu_percent": 12},
    ]


def test_a_node_that_started_anew_is_one():
    (row,) = nodes_of([part("web:1", seconds=0.5, connections=4), part("web:1", MINUTE + 0.5, 0.5, connections=4)])
    assert row["active_connections"] == 4


def test_a_rate_over_no_time_is_not_known():
    assert nodes_of([part("web:1", seconds=0, messages=3)])[0]["messages_per_second"] is None


def test_nobody_is_no_row():
    assert nodes_of([]) == []
