from dashboard.cause_texts import COLORS, MEANINGS, cause_color, cause_meaning, cause_text
from monitoring.cause_words import WORDS
from monitoring.core.causes import Cause


def test_every_cause_has_words_a_meaning_and_a_colour_of_its_own():
    assert set(WORDS) == set(MEANINGS) == set(COLORS) == set(Cause)
    assert len(set(COLORS.values())) == len(Cause)
    assert cause_text("client_lost") == "Client lost"
    assert cause_meaning("client_lost").endswith(".")


def test_a_cause_of_a_later_release_is_shown_as_it_is():
    assert (cause_text("abducted"), cause_meaning("abducted"), cause_color("abducted")) == (
        "abducted",
        "",
        "--stack-14",
    )
    assert cause_text("") == ""
