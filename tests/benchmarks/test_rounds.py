import pytest

from tests.benchmarks import rounds

READINGS = {"a": [2.0, 30.0, 4.0], "b": [1.0, 10.0, 1.0]}


def test_sides_take_turns_and_every_other_round_goes_backwards():
    assert list(rounds.turns(["a", "b", "c"], 3)) == ["a", "b", "c", "c", "b", "a", "a", "b", "c"]


def test_each_side_gets_its_readings():
    counted = iter(range(4))
    sides = {"a": lambda: float(next(counted)), "b": lambda: float(next(counted))}
    assert rounds.interleaved(sides, 2) == {"a": [0, 3], "b": [1, 2]}


async def test_it_works_the_same_on_an_event_loop():
    async def one() -> float:
        return 1.0

    assert await rounds.interleaved_async({"a": one}, 3) == {"a": [1, 1, 1]}


def test_a_ratio_is_that_of_the_medians():
    assert rounds.ratio(READINGS, "a", "b") == 4


def test_pairs_are_compared_within_their_round():
    assert rounds.paired_ratio(READINGS, "a", "b") == 3
    assert rounds.paired_difference(READINGS, "a", "b") == 3


def test_different_numbers_of_readings_cannot_be_paired():
    with pytest.raises(ValueError, match="shorter"):
        rounds.paired_ratio({"a": [1.0, 2.0], "b": [1.0]}, "a", "b")


def test_a_side_is_shown_with_its_range():
    assert rounds.shown({"a": [1e-6, 3e-6, 2e-6], "b": [5e-6]}, "µs", 1e6) == {"a": "2 µs (1-3)", "b": "5 µs"}


def test_the_median_lies_within_values_that_a_coin_would_not_pass():
    # Of ten values, the second and the ninth: fewer than two of ten coins show heads once in a hundred times.
    assert rounds.interval_of_median([10.0, *range(1, 10)]) == (2, 9)
    assert rounds.interval_of_median(list(range(6))) == (0, 5)


def test_a_few_values_say_nothing_about_their_median():
    assert rounds.interval_of_median([1.0] * 5) is None


def test_a_difference_is_shown_with_its_bounds():
    readings = {"on": [3.0, 4.0, 5.0, 6.0, 7.0, 8.0], "off": [1.0] * 6}
    assert rounds.difference_shown(readings, "on", "off", "%") == "4.5 % in 6 rounds, 95 % sure of 2 to 7"
    assert "too few" in rounds.difference_shown({"on": [1.0], "off": [1.0]}, "on", "off", "%")
