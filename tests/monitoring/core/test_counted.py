"""A number takes a noun in the singular or the plural."""

from monitoring.core.counted import counted


def test_one_takes_the_singular_and_everything_else_the_plural():
    assert [counted(number, "minute") for number in (0, 1, 2)] == ["0 minutes", "1 minute", "2 minutes"]


def test_an_irregular_plural_is_given():
    assert [counted(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]
