import pytest

from monitoring.core.inputs import HIGHEST, echo, number, plain_text, whole_number


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", " 1", "1_0", "٣", "²", "1e3", str(HIGHEST + 1), "9" * 5_000])
def test_a_whole_number_consists_of_digits_and_fits_a_column(text):
    with pytest.raises(ValueError, match=f"^0 to {HIGHEST}$"):
        whole_number(text)


def test_the_limits_are_allowed():
    assert (whole_number("1", 1, 5), whole_number("5", 1, 5), whole_number(str(HIGHEST))) == (1, 5, HIGHEST)


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-inf", "Infinity", "1e400", "-1", "10.5", "1_0", "٣"])
def test_a_number_is_finite_and_within_the_limits(text):
    with pytest.raises(ValueError, match=r"^a number from 0 to 10$"):
        number(text, 0, 10)
    assert number("2.5", 0, 10) == 2.5


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "a\udfffb", "x" * 11])
def test_a_text_can_be_stored_and_sent(text):
    with pytest.raises(ValueError, match=r"^at most 10 characters"):
        plain_text(text, 10)
    assert plain_text("😀\u202eعربي", 10)


def test_a_value_is_echoed_on_one_line_and_not_too_long():
    assert echo("a\r\n\0\x1b[31m\u202e") == r"a\r\n\x00\x1b[31m\u202e"
    assert echo("9" * 10_000) == "9" * 40 + "…"
