"""The API's refusals: their statuses, their codes for programs, and what a person should know about them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class Refusals:
    """All with one status."""

    status: int
    codes: tuple[str, ...]
    text: str | Promise


REFUSALS = (
    Refusals(
        400,
        ("bad_parameter", "unknown_parameter", "bad_body"),
        gettext_lazy("The request is not as described here. The keys parameter, value and allowed say what to change."),
    ),
    Refusals(
        401,
        ("not_signed_in", "unknown_token"),
        gettext_lazy("Nobody is signed in, and no token came, or an unknown one.")
    ),
    Refusals(403, ("not_allowed", "csrf_failed"), gettext_lazy("The person or the token may not do this.")),
    Refusals(404, ("not_found",), gettext_lazy("There is no such address, alert or silence.")),
    Refusals(
        409,
        ("already_acknowledged", "not_acknowledged", "resolved", "over"),
        gettext_lazy("Somebody else was first, or it is over. The answer says who, and when."),
    ),
    Refusals(
        429, ("too_many_requests",), gettext_lazy("The header Retry-After says in how many seconds to come back.")
    ),
    Refusals(501, ("not_installed",), gettext_lazy("The server lacks a library. The message names what to install.")),
    Refusals(
        503,
        (
            "disabled", "not_running", "no_frame", "redis_away", "no_redis",
            "database_away", "journal_away", "not_recorded",
        ),
        gettext_lazy("A part of the server is away or switched off. The message names it; try again later."),
    ),
)  # fmt: skip
