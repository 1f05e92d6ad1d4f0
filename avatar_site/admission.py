"""Decides who may open an avatar's WebSocket, under which name and in which room."""

from __future__ import annotations

import re
from dataclasses import dataclass
from secrets import token_hex
from urllib.parse import parse_qs

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

from monitoring import conf
from monitoring.core.inputs import echo
from monitoring.core.monitored import Scope, connection_of
from monitoring.origins import origin_allowed
from monitoring.session_user import session_key

NAME = re.compile(r"[A-Za-z0-9._:-]{1,64}")
"""What avatars and rooms may be called."""

TICKET_SALT, RESUME_SALT = "avatar", "avatar.resume"
TICKET_SECONDS = 60
DEFAULT_ROOM = "lobby"
ORIGIN = "origin"
"""A page from another site gets no reason."""

BAD_REQUEST, NOT_SIGNED_IN, NOT_ALLOWED = 4400, 4401, 4403


class NotAdmittedError(Exception):
    """The connection is closed with `code` after an error that says why; `cause`, one of REFUSALS, is counted."""

    def __init__(self, code: int, cause: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.cause = cause


@dataclass(frozen=True, slots=True)
class AvatarIdentity:
    """The person who asked the site for a ticket: the user's primary key, and a digest of the session's key.

    The session itself is known only if the handshake carried its cookie.
    """

    user: str
    session: str


@dataclass(frozen=True, slots=True)
class Admission:
    """`holder` stays the same whenever the same avatar comes back, and nobody else can have it."""

    client_id: str
    room: str
    holder: str
    identity: AvatarIdentity | None = None
    session_key: str | None = None


def admit(scope: Scope) -> Admission:
    """The avatar's name and room from the URL `?client_id=…&room=…&ticket=…&resume=…`, all of them optional.

    With AVATAR_AUTH=ticket the ticket must be a `ticket_for` the same name, at most a minute old; whoever has it holds
    the name. Otherwise the first client to come holds the name, and comes back with the token from its `welcome`.
    Raises NotAdmittedError.
    """
    if not origin_allowed(scope, conf.current().allowed_origins):
        raise NotAdmittedError(
            NOT_ALLOWED, ORIGIN, "pages from this origin are not allowed: see AVATAR_ALLOWED_ORIGINS"
        )
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    given = {name: values[-1] for name, values in query.items()}
    for name in ("client_id", "room"):
        if name in given and not NAME.fullmatch(given[name]):
            why = f"{name}={echo(given[name])}: must be 1 to 64 of A-Z a-z 0-9 . _ : -"
            raise NotAdmittedError(BAD_REQUEST, "name", why)
    client_id = given.get("client_id", connection_of(scope).client_id)
    room = given.get("room", DEFAULT_ROOM)
    if settings.AVATAR_AUTH != "ticket":
        return Admission(client_id, room, _resumed_holder(given.get("resume", ""), client_id, room) or token_hex(16))
    ticket = _read_ticket(given.get("ticket", ""))
    if ticket is None or ticket[0] != client_id:
        raise NotAdmittedError(NOT_SIGNED_IN, "ticket", "a ticket for this client_id is needed, at most a minute old")
    holder = salted_hmac("avatar.holder", client_id).hexdigest()[:32]
    return Admission(client_id, room, holder, ticket[1], _session_of(scope, ticket[1]))


def ticket_for(client_id: str, user: object = None, session_key: str | None = None) -> str:
    """A ticket that lets this name, and no other, connect during the next minute.

    The client that uses it is disconnected when the user is no longer active, or when the session, if any, has ended.
    """
    if user is None:
        return signing.dumps(client_id, salt=TICKET_SALT)
    session = session_digest(session_key) if session_key else ""
    return signing.dumps([client_id, str(user), session], salt=TICKET_SALT)


def resume_token(admission: Admission) -> str:
    """The token with which this avatar, and nobody else, takes over its own place in this room while it is held."""
    return signing.dumps([admission.client_id, admission.room, admission.holder], salt=RESUME_SALT, compress=False)


def session_digest(session_key: str) -> str:
    """What a ticket contains about a session; no script may read the session's key itself."""
    return salted_hmac("avatar.session", session_key).hexdigest()[:32]


def _session_of(scope: Scope, identity: AvatarIdentity | None) -> str | None:
    """The key of the session that the ticket was made in, if the handshake's cookie names it."""
    key = session_key(scope)
    return key if key and identity and session_digest(key) == identity.session else None


def _resumed_holder(token: str, client_id: str, room: str) -> str | None:
    try:
        name, place, holder = signing.loads(token, salt=RESUME_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(holder) if (name, place) == (client_id, room) else None


def _read_ticket(ticket: str) -> tuple[str, AvatarIdentity | None] | None:
    try:
        content = signing.loads(ticket, salt=TICKET_SALT, max_age=TICKET_SECONDS)
        if isinstance(content, str):
            return content, None
        client_id, user, session = content
    except (signing.BadSignature, ValueError, TypeError):
        return None  # a release that puts something else into the ticket also ends up here
    return str(client_id), AvatarIdentity(str(user), str(session))
