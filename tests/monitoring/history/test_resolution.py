import pytest

from monitoring.history.resolution import Resolution, resolution

START = 20_000 * 86_400
HOUR, DAY = 3_600, 86_400


def chosen(
    seconds: int, points: int = 1_500, journal_from: float | None = None, nodes: int = 1, **pruned: int
) -> Resolution:
    return resolution(START, START + seconds, points, pruned=pruned, journal_from=lambda: journal_from, nodes=nodes)


@pytest.mark.parametrize(
    ("hours", "points", "expected"),
    [
        (1, 1_500, ("minute", 60)),
        (24, 1_500, ("minute", 60)),
        (24, 1_000, ("minute", 120)),
        (26, 1_500, ("minute", 120)),
        (27, 1_500, ("hour", HOUR)),
        (24 * 7, 1_500, ("hour", HOUR)),
        (24 * 60, 1_500, ("hour", HOUR)),
        (24 * 60, 1_000, ("hour", 2 * HOUR)),
        (24 * 67, 1_500, ("day", DAY)),
        (24 * 365, 1_500, ("day", DAY)),
        (24 * 365, 100, ("day", 4 * DAY)),
    ],
)
def test_the_finest_tier_that_has_the_range_in_few_rows_and_buckets_as_narrow_as_the_points_allow(
    hours, points, expected
):
    assert chosen(hours * HOUR, points) == expected


def test_what_was_pruned_is_taken_from_the_next_coarser_tier():
    assert chosen(HOUR, minute=START).tier == "minute"
    assert chosen(HOUR, minute=START + 60).tier == "hour"
    assert chosen(HOUR, minute=START + DAY, hour=START + DAY).tier == "day"


def test_the_journal_answers_for_buckets_below_a_minute_that_it_holds_as_a_whole():
    assert chosen(HOUR, journal_from=START - 1) == ("second", 5)
    assert chosen(600, journal_from=START) == ("second", 1)
    assert chosen(HOUR, journal_from=START + 1).tier == "minute"
    assert chosen(HOUR, points=60, journal_from=START).tier == "minute"
    assert chosen(3 * HOUR, journal_from=START).tier == "minute"


def test_many_nodes_that_were_chosen_one_by_one_have_fewer_rows_each():
    assert chosen(DAY, nodes=4).tier == "minute"
    assert chosen(DAY, nodes=5).tier == "hour"


def test_the_journal_is_not_asked_in_vain():
    def ask():
        raise AssertionError("asked")

    assert resolution(START, START + DAY, 1_500, pruned={}, journal_from=ask).tier == "minute"
    assert resolution(START, START + HOUR, 60, pruned={}, journal_from=ask).tier == "minute"
