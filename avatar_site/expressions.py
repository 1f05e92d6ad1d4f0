"""The expressions of an avatar: what simulators send, what the page has a button for, and what it can draw."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

EXPRESSIONS: dict[str, str | Promise] = {
    "neutral": gettext_lazy("Calm"),
    "happy": gettext_lazy("Happy"),
    "laughing": gettext_lazy("Laughing"),
    "winking": gettext_lazy("Winking"),
    "surprised": gettext_lazy("Surprised"),
    "sad": gettext_lazy("Sad"),
    "cross": gettext_lazy("Cross"),
    "sleepy": gettext_lazy("Sleepy"),
}
"""The name in the messages, and what the button says. The keys 1 to 8 follow this order; expression.js draws each."""
