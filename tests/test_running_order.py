import os
import subprocess

import pytest

from tests.running_order import spread, waits


def test_files_that_wait_are_spread_from_the_start_and_short_ones_come_last():
    assert spread(["A", "B"], [1, 2, 3, 4, 5, 6, 7]) == ["A", 1, 2, "B", 3, 4, 5, 6, 7]


@pytest.mark.parametrize(("early", "others"), [([], []), (["A"], []), ([], [1, 2]), (["A", "B", "C"], [1])])
def test_nothing_is_left_out_and_each_has_its_order(early, others):
    found = spread(early, others)
    assert [one for one in found if one in early] == early
    assert [one for one in found if one in others] == others


def test_whoever_starts_processes_waits():
    assert waits("tests/core/test_some.py", {"subprocess": subprocess})
    assert waits("tests/e2e/test_some.py", {})
    assert not waits("tests/core/test_some.py", {"os": os})
