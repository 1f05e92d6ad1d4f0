"""What is wrong with a parameter, and why somebody may not, in the language of the pages."""

from __future__ import annotations

from dashboard.languages import in_words
from monitoring.problem_words import problem_words, refusal_words


def problem_text(problem: str) -> str:
    """In the language of the pages, as far as there are words for it."""
    return in_words(problem_words, problem)


def refusal_text(reason: str) -> str:
    """Why somebody may not."""
    return in_words(refusal_words, reason)
