"""Checks whether avatars admitted by ticket may still be here: their user may be deactivated or signed out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator
from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DatabaseError
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from avatar_site.admission import NOT_ALLOWED, NOT_SIGNED_IN, Admission
from avatar_site.rooms import Rooms
from monitoring.core.cancel import cancel_and_wait

logger = logging.getLogger(__name__)

CHECK_SECONDS = 20.0
AT_A_TIME = 500
"""Rows per query."""

REASONS = {
    NOT_SIGNED_IN: ("signed out", "you have signed out"),
    NOT_ALLOWED: ("user deactivated", "your account is no longer active"),
}


class SignIns:
    """Checks all avatars of this node together, every 20 s, with two queries instead of one for each."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="sign-ins")

    async def stop(self) -> None:
        if self._task is not None:
            await cancel_and_wait(self._task)

    async def check(self) -> None:
        """Ends the connections of all avatars that may no longer be here."""
        admissions = {member.admission for member in self._rooms.members}
        known = {one for one in admissions if one is not None and one.identity is not None}
        if not known:
            return
        ended = await database_sync_to_async(refusals)(known)
        for member in list(self._rooms.members):
            code = None if member.admission is None else ended.get(member.admission)
            if code is not None:
                member.dismiss(code, *REASONS[code])

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                await self.check()
            except DatabaseError as error:
                logger.warning("Could not check whether avatars are still signed in: %s", error)
            except Exception:
                # Such as that of a project's own session store: whoever signs out later must still be found.
                logger.exception("Could not check whether avatars are still signed in")


def refusals(admissions: Collection[Admission]) -> dict[Admission, int]:
    """The close code of each avatar whose user is not active, or whose session has ended. Reads the database."""
    users = _active_users({one.identity.user for one in admissions if one.identity})
    sessions = _sessions({one.session_key for one in admissions if one.session_key})
    found = {one: _refusal(one, users, sessions) for one in admissions}
    return {one: code for one, code in found.items() if code is not None}


def _refusal(
    admission: Admission, users: dict[str, AbstractBaseUser], sessions: dict[str, dict[str, Any]]
) -> int | None:
    identity = admission.identity
    if identity is None:
        return None
    user = users.get(identity.user)
    if user is None:
        return NOT_ALLOWED
    if admission.session_key is None:
        return None
    session = sessions.get(admission.session_key, {})
    if session.get(SESSION_KEY) != identity.user:
        return NOT_SIGNED_IN
    # A changed password ends all other sessions, but their rows stay.
    valid = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    stored = session.get(HASH_SESSION_KEY, "")
    return None if any(constant_time_compare(stored, one) for one in valid) else NOT_SIGNED_IN


def _active_users(keys: set[str]) -> dict[str, AbstractBaseUser]:
    model = get_user_model()
    found: dict[str, AbstractBaseUser] = {}
    for some in _in_parts(keys):
        for user in model._default_manager.filter(pk__in=some):
            if user.is_active:
                found[str(user.pk)] = user
    return found


def _sessions(keys: set[str]) -> dict[str, dict[str, Any]]:
    """The contents of sessions that have not ended, in one query if the database stores them."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    if not hasattr(store, "get_model_class"):
        return {key: store(key).load() for key in keys}
    return dict(_rows(store, keys))


def _rows(store: Any, keys: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for some in _in_parts(keys):
        rows = store.get_model_class().objects.filter(session_key__in=some, expire_date__gt=timezone.now())
        for row in rows:
            yield row.session_key, row.get_decoded()


def _in_parts(keys: set[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    for first in range(0, len(ordered), AT_A_TIME):
        yield ordered[first : first + AT_A_TIME]
