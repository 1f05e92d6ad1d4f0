import pytest

from monitoring.columns import fitting, timestamp


def test_texts_are_cut_to_the_column_and_lose_nul():
    assert fitting("a\0b" + "c" * 300) == "ab" + "c" * 253
    assert fitting("closed", 3) == "clo"


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e18])
def test_a_time_that_no_calendar_has_is_refused(seconds):
    with pytest.raises(ValueError, match=r"not a valid time|NaN"):
        timestamp(seconds)
