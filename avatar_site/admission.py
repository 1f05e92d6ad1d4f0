"""Who may open an avatar's WebSocket, and under which name and in which room."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs

from django.conf import settings
from django.core import signing

from monitoring import conf
from monitoring.core.connection import CLIENT_ID, Scope, connection_of
from monitoring.origins import origin_allowed

TICKET_SALT = "avatar"
TICKET_SECONDS = 60
DEFAULT_ROOM = "lobby"
LONGEST_SHOWN = 80
ORIGIN = "origin"
"""Of what a page of another site hears nothing at all."""

BAD_REQUEST, NOT_SIGNED_IN, NOT_ALLOWED = 4400, 4401, 4403


class RefusedError(Exception):
    """The connection is closed with `code` after an error that says why; it is counted by `cause`, one of REFUSALS."""

    def __init__(self, code: int, cause: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Admission:
    client_id: str
    room: str


def admit(scope: Scope) -> Admission:
    """The avatar's name and room from the URL `?client_id=…&room=…&ticket=…`, all of them optional.

    With AVATAR_AUTH=ticket the ticket must be one of `ticket_for` the same name, at most a minute old.
    Raises RefusedError.
    """
    if not origin_allowed(scope, conf.current().allowed_origins):
        raise RefusedError(NOT_ALLOWED, ORIGIN, "pages of this origin are not allowed: see AVATAR_ALLOWED_ORIGINS")
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    given = {name: values[-1] for name, values in query.items()}
    for name in ("client_id", "room"):
        if name in given and not CLIENT_ID.fullmatch(given[name]):
            why = f"{name}={given[name][:LONGEST_SHOWN]!r}: allowed are 1 to 64 of A-Z a-z 0-9 . _ : -"
            raise RefusedError(BAD_REQUEST, "name", why)
    client_id = given.get("client_id", connection_of(scope).client_id)
    if settings.AVATAR_AUTH == "ticket" and _ticket_holder(given.get("ticket", "")) != client_id:
        raise RefusedError(NOT_SIGNED_IN, "ticket", "a ticket of this client_id is needed, at most a minute old")
    return Admission(client_id, given.get("room", DEFAULT_ROOM))


def ticket_for(client_id: str) -> str:
    """A ticket with which this name, and no other, may connect during the next minute."""
    return signing.dumps(client_id, salt=TICKET_SALT)


def _ticket_holder(ticket: str) -> str | None:
    try:
        return str(signing.loads(ticket, salt=TICKET_SALT, max_age=TICKET_SECONDS))
    except signing.BadSignature:
        return None
