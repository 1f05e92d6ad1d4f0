"""Amounts with their units in the reader's language."""

import pytest
from django.utils import translation

from monitoring.unit_texts import amount, limit, with_unit


@pytest.mark.parametrize(
    ("number", "english", "korean"), [("1", "1 client", "클라이언트 1개"), ("12", "12 clients", "클라이언트 12개")]
)
def test_a_number_of_clients(number, english, korean):
    assert with_unit(number, "clients") == english
    with translation.override("ko"):
        assert with_unit(number, "clients") == korean


def test_a_percentage_is_written_as_a_language_does():
    assert (amount(97.14, "%"), limit(80, "%")) == ("97.1 %", "80 %")
    with translation.override("ko"):
        assert (amount(97.14, "%"), limit(80, "%")) == ("97.1%", "80%")
