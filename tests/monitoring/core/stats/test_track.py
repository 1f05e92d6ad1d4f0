import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.stats.fold import NodeSample, fold
from monitoring.core.stats.track import STEPS, Track, follow
from monitoring.core.wire.other_formats import OtherFormatError
from tests.monitoring.batches import gauge, sample

MINUTE = 1_700_000_040


def second(at: float, **values):
    return sample(MINUTE + at, **values)


def track_of(*samples) -> Track:
    track = Track()
    for one in samples:
        track.add(one)
    return Track.decode(track.encode())


def fleet(*nodes: list, hosts: list[str] | None = None):
    """The fleet's minute from nodes that are given second by second."""
    named = hosts or ["web"] * len(nodes)
    parts = [
        NodeSample(f"web:{number}", host, sum(samples[1:], start=samples[0]))
        for number, (samples, host) in enumerate(zip(nodes, named, strict=True))
    ]
    whole = fold(parts)
    follow(whole, parts, [track_of(*samples) for samples in nodes])
    return whole


def test_it_survives_encoding():
    track = track_of(second(3, connections=7, network_sent_rate=1.5), second(59, connections=0))
    assert (track.levels["connections"][3], track.levels["connections"][59], track.levels["connections"][4]) == (
        7,
        0,
        None,
    )
    assert track.levels["network_sent_rate"][3] == 1.5
    assert track.whole


def test_a_busy_minute_takes_less_than_a_kilobyte():
    source = random.Random(1)
    samples = []
    for at in range(60):
        one = second(at, connections=source.randrange(10_000), network_sent_rate=source.uniform(0, 12))
        one.network_recv_rate = gauge(source.uniform(0, 12))
        one.memory_used_mb = gauge(source.uniform(8_000, 9_000))
        one.message_rate = gauge(float(source.randrange(10_000)))
        samples.append(one)
    assert len(track_of(*samples).encode()) < 1_000


@given(st.lists(st.none() | st.integers(0, 20_000), min_size=60, max_size=60))
def test_rising_and_falling_levels_survive(levels):
    track = track_of(*(second(at, connections=level) for at, level in enumerate(levels) if level is not None))
    assert track.levels["connections"] == levels


def test_invalid_bytes_are_refused():
    with pytest.raises(ValueError, match="cut off"):
        Track.decode(b"\x01nothing")


@pytest.mark.parametrize("lost", [1, 5])
def test_a_track_that_is_cut_off_is_refused(lost):
    with pytest.raises(ValueError, match="cut off"):
        Track.decode(track_of(second(3, connections=7)).encode()[:-lost])


def test_a_level_that_an_older_release_did_not_know_is_unknown_in_its_tracks(monkeypatch):
    with monkeypatch.context() as older:
        older.delitem(STEPS, next(reversed(STEPS)))
        data = track_of(second(3, connections=7)).encode()
    track = Track.decode(data)
    assert track.levels["connections"][3] == 7
    assert track.levels[next(reversed(STEPS))] == [None] * 60


def test_clients_that_move_between_nodes_are_never_counted_twice():
    one = [second(at, connections=10 if at < 30 else 0) for at in range(60)]
    other = [second(at, connections=0 if at < 30 else 10) for at in range(60)]
    whole = fleet(one, other)
    assert (whole.connections.min, whole.connections.average, whole.connections.max) == (10, 10, 10)
    assert not whole.bounded


def test_a_restarting_node_counts_fully_while_it_is_there():
    steady = [second(at, connections=1) for at in range(60)]
    before = [second(at, connections=10) for at in range(25)]
    after = [second(at, connections=10) for at in range(30, 60)]
    whole = fleet(steady, before, after)
    assert (whole.connections.min, whole.connections.max) == (1, 11)
    assert whole.connections.average < 11


def test_a_second_that_a_node_lost_is_ignored():
    steady = [second(at, connections=1) for at in range(60)]
    torn = [second(at, connections=10) for at in range(60) if not 20 <= at < 25]
    assert fleet(steady, torn).connections.min == 11


def test_rates_are_added_over_hosts_second_by_second_but_not_over_their_nodes():
    here = [second(at, network_sent_rate=4 if at == 5 else 1) for at in range(60)]
    there = [second(at, network_sent_rate=4 if at == 9 else 1) for at in range(60)]
    whole = fleet(here, here, there, hosts=["web", "web", "db"])
    assert (whole.network_sent_rate.min, whole.network_sent_rate.max) == (2, 5)


def test_several_seconds_at_one_level_are_as_good_as_single_ones():
    one = [sample(MINUTE + at, 5.0, connections=10 if at < 30 else 0) for at in range(0, 60, 5)]
    other = [second(at, connections=0 if at < 30 else 10) for at in range(60)]
    assert fleet(one, other).connections.max == 10


def test_variation_within_several_seconds_leaves_bounds():
    merged = second(0, connections=3) + second(1, connections=9)
    whole = fleet([merged], [second(at, connections=5 - at) for at in range(2)])
    assert (whole.bounded, whole.connections.min, whole.connections.max) == (True, 7, 14)


def test_fractions_of_a_second_count_with_their_final_level():
    tenths = [sample(MINUTE + at / 10, 0.1, connections=at % 10) for at in range(600)]
    assert fleet(tenths, [second(at, connections=1) for at in range(60)]).connections.max == 10


def test_a_lone_node_needs_no_track():
    only = NodeSample("web:1", "web", second(0, connections=3) + second(1, connections=9))
    whole = fold([only])
    follow(whole, [only], [None])
    assert (whole.bounded, whole.connections.max) == (False, 9)


@given(
    st.lists(
        st.lists(st.none() | st.integers(0, 30), min_size=60, max_size=60).filter(
            lambda levels: levels.count(None) < 60
        ),
        min_size=2,
        max_size=4,
    )
)
def test_extremes_are_those_of_one_second_or_bounds_of_it(nodes):
    measured = [
        [second(at, connections=level) for at, level in enumerate(levels) if level is not None] for levels in nodes
    ]
    whole = fleet(*measured)
    spans = [
        (min(at), max(at)) for at in ([at for at, one in enumerate(levels) if one is not None] for levels in nodes)
    ]
    sums = []
    for at in range(60):
        here = [levels[at] for levels, (first, last) in zip(nodes, spans, strict=True) if first <= at <= last]
        if here and None not in here:
            sums.append(sum(here))
    assert whole.connections.min <= whole.connections.average + 1e-9
    assert whole.connections.average <= whole.connections.max + 1e-9
    for one in sums:
        assert whole.connections.min <= one <= whole.connections.max
    if not whole.bounded and len(sums) == 60:
        assert (whole.connections.min, whole.connections.max) == (min(sums), max(sums))


def test_another_releases_track_is_recognised():
    with pytest.raises(OtherFormatError, match="a track of form 2"):
        Track.decode(b"\2" + Track().encode()[1:])
