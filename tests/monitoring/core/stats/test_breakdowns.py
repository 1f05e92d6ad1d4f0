"""Counts by label: they add up, and can be divided without losing one."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.stats.breakdowns import MOST_LABELS, added, check, counted, share

COUNTS = st.dictionaries(
    st.sampled_from(["verdicts", "departures"]),
    st.dictionaries(st.sampled_from(["fine", "network", "client_lost /ws/"]), st.integers(1, 1000), min_size=1),
)


@given(COUNTS, st.lists(st.floats(0.01, 0.99), max_size=4))
def test_the_shares_add_up_to_the_whole(whole, cuts):
    bounds = [0.0, *sorted(cuts), 1.0]
    assert added(share(whole, begin, end) for begin, end in pairwise(bounds)) == whole


def test_what_left_lately_is_a_level_that_is_neither_divided_nor_stored():
    whole = {"departed_lately": {"refused": 3}, "departures": {"refused /": 4}}
    assert share(whole, 0.0, 0.5) == {"departed_lately": {"refused": 3}, "departures": {"refused /": 2}}
    assert counted(whole) == {"departures": {"refused /": 4}}


@given(COUNTS, COUNTS)
def test_the_order_does_not_matter(one, other):
    assert added([one, other]) == added([other, one])


@pytest.mark.parametrize(
    "impossible",
    [
        {"verdicts": {"fine": -1}},
        {"verdicts": {"fine": 2**60}},
        {"verdicts": {"": 1}},
        {"verdicts": {"x" * 1000: 1}},
        {"verdicts": {str(number): 1 for number in range(MOST_LABELS + 1)}},
    ],
)
def test_what_nobody_can_have_counted_raises(impossible):
    with pytest.raises(ValueError, match="verdicts"):
        check(impossible, 2**40)
