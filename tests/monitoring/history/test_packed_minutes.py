from monitoring.core.stats.fold import NodeSample
from monitoring.history.packed_minutes import PackedMinutes, pack
from tests.monitoring.batches import MINUTE, sample

ENTRIES = ((1, 0), (2, 0))


def parts(*nodes: str) -> dict[int, list[NodeSample]]:
    return {
        MINUTE + at: [NodeSample(node, "web", sample(MINUTE + at, connections=2)) for node in nodes] for at in range(3)
    }


def test_a_fleet_can_be_read_as_one_and_node_by_node():
    minute = pack(ENTRIES, parts("web:1", "web:2"))
    assert {epoch: one.connections.average for epoch, one in minute.samples().items()} == {
        MINUTE + at: 4 for at in range(3)
    }
    assert [(second.epoch, second.fleet.connections.average, len(second.parts)) for second in minute.seconds()] == [
        (MINUTE + at, 4, 2) for at in range(3)
    ]


def test_of_a_single_node_nothing_is_kept_twice():
    minute = pack(ENTRIES, parts("web:1"))
    assert minute.fleet == b""
    assert minute.samples()[MINUTE] == minute.seconds()[0].fleet == parts("web:1")[MINUTE][0].sample


def test_a_minute_is_known_as_long_as_its_entries_are_the_same():
    minutes, minute = PackedMinutes(), pack(ENTRIES, parts("web:1"))
    minutes.keep(MINUTE, minute)
    assert minutes.get(MINUTE, ENTRIES) is minute
    assert minutes.get(MINUTE, (*ENTRIES, (3, 0))) is None
    assert minutes.get(MINUTE + 60, ENTRIES) is None


def test_those_that_nobody_asked_for_make_room():
    minute = pack(ENTRIES, parts("web:1"))
    minutes = PackedMinutes(most_bytes=2 * len(minute.parts))
    for number in (1, 2, 1, 3):
        minutes.keep(number, minute)
    assert [number for number in (1, 2, 3) if minutes.get(number, ENTRIES)] == [1, 3]
