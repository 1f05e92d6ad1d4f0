"""What clients, users and rooms may be called, and the name of a second connection with the same id."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from monitoring.core.inputs import echo

LONGEST_ID = 64
LONGEST_NAME = 150
"""As long as Django's usernames."""

NOT_IN_IDS = "/\\\ufffd"
"""Slashes would end a part of a client page's address; the last one stands for bytes that are no text."""

ID_ALLOWED = f"1 to {LONGEST_ID} printable characters without / and \\, and not only dots"
NAME_ALLOWED = f"at most {LONGEST_NAME} printable characters"

DOT_ABOVE = "\u0307"
"""What casefold() leaves of the capital i with a dot."""

MOST_NUMBERED = 99
NUMBER_MARK = "#"


@dataclass(frozen=True, slots=True)
class Client:
    """What a project knows of one connection; None for what it does not know.

    Texts, whole numbers and UUIDs are taken, and users of Django by their usernames. An `id` has 1 to 64 printable
    characters, without slashes; `user` and `room` have at most 150.
    """

    id: Any = None
    user: Any = None
    room: Any = None


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What is known of one connection, checked; None for what is not known."""

    id: str | None = None
    user: str | None = None
    room: str | None = None


UNKNOWN = KnownNames()


def is_id(text: str) -> bool:
    return 1 <= len(text) <= LONGEST_ID and text.isprintable() and bool(text.strip(".")) and not _is_unfit(text)


def names_in(answer: object) -> tuple[KnownNames, dict[str, str]]:
    """The names in a project's answer (a Client, an id alone, or None), and for each other field what is wrong with it.

    An empty user or room is "": the client has none. Surrounding spaces are left out, and letters are composed, so that
    a name that is typed in another way is found.
    """
    told = answer if isinstance(answer, Client) else Client(id=answer)
    wrong: dict[str, str] = {}
    found = KnownNames(
        id=_taken("id", told.id, _id, wrong),
        user=_taken("user", told.user, _name, wrong),
        room=_taken("room", told.room, _name, wrong),
    )
    return found, wrong


def normal(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip())


def folded(text: str) -> str:
    """The text as searches compare it: whatever the case and the width of its letters, and however they are composed.

    Turkish has an i with and one without a dot, in both cases; casefold() makes neither pair equal, so all four are one
    letter here.
    """
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFKC", text).casefold().replace(DOT_ABOVE, "").replace("\u0131", "i")
    return unicodedata.normalize("NFC", spread)


def numbered(client_id: str, number: int) -> str:
    """The id of the connection with this number among those that have one id: ann, ann#2, ann#3 …"""
    suffix = "" if number == 1 else f"{NUMBER_MARK}{number}"
    return client_id[: LONGEST_ID - len(suffix)] + suffix


def all_numbered(client_id: str) -> Iterator[str]:
    """Every id that connections with this id may have."""
    return (numbered(client_id, number) for number in range(1, MOST_NUMBERED + 1))


def free_id(wanted: str | None, is_taken: Callable[[str], bool]) -> str:
    """The wanted id, the first of its numbered ones that is free, or a random one."""
    if wanted is not None:
        for one in all_numbered(wanted):
            if not is_taken(one):
                return one
    return random_client_id()


def random_client_id() -> str:
    return uuid.uuid4().hex[:12]


def _taken(field: str, value: object, check: Callable[[str], str], wrong: dict[str, str]) -> str | None:
    if value is None:
        return None
    try:
        return check(normal(_text(value)))
    except (ValueError, TypeError) as error:
        wrong[field] = f"{field}={echo(_shown(value))}: must be {error}"
        return None


def _text(value: object) -> str:
    """Raises TypeError for what is no name, such as a whole user without a username."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | uuid.UUID) and not isinstance(value, bool):
        return str(value)
    if callable(username := getattr(value, "get_username", None)):
        return str(username())
    raise TypeError("text, a whole number, a UUID or None")


def _id(text: str) -> str:
    if not is_id(text):
        raise ValueError(ID_ALLOWED)
    return text


def _name(text: str) -> str:
    if len(text) > LONGEST_NAME or not (text.isprintable() or not text):
        raise ValueError(NAME_ALLOWED)
    return text


def _is_unfit(text: str) -> bool:
    return any(char in text for char in NOT_IN_IDS)


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else f"{type(value).__name__} {value!r}"
