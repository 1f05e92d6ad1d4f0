"""Finds clients that were lost because they changed networks: they are back from another address.

The connection over the old network is found dead only after the client has come back over the new one, perhaps on
another node, or the client notices first that its network has gone. So both are looked for: the new session of one that
was lost, and the lost one of a new session.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from itertools import islice

from monitoring.core.causes import Cause
from monitoring.core.client_names import numbered
from monitoring.models import ClientSession
from monitoring.storage.departure_counts import Correction, correct

SOON = timedelta(seconds=60)
"""How long after it was lost a client may come back."""

UNNOTICED = timedelta(minutes=3)
"""How long a client may be back already before its old connection is found dead; pings find that within a minute, TCP
alone after a quarter of an hour."""

MOST = 1_000
"""Sessions that one run looks at. When more are lost at once, it is not their clients that have changed networks."""

NUMBERS = (1, 2, 3)
"""While the old connection is still open, the new one is called `ann#2`, or `ann#3`."""

CHUNK = 100
LOST = (Cause.CLIENT_LOST, Cause.PROXY_TIMEOUT)


def correct_causes(sessions: Iterable[ClientSession]) -> int:
    """Gives sessions that are stored by now, these and earlier ones, their cause if they ended by a change of networks;
    returns how many. It runs inside the caller's transaction, and its queries use the indexes of ids and users."""
    rows = list(sessions)
    lost = list(islice((row for row in rows if row.cause in LOST and row.remote), MOST))
    begun = list(islice((row for row in rows if row.remote and _is_news(row)), MOST))
    changed = {row.pk: row for row in _lost_before(begun)}
    changed |= {row.pk: row for row in _followed(_stored(lost))}
    if not changed:
        return 0
    corrections = [
        Correction(row.boot, row.disconnected_at, row.path, Cause(row.cause), Cause.NETWORK_CHANGED)
        for row in changed.values()
        if row.disconnected_at is not None
    ]
    ClientSession.objects.filter(pk__in=changed).update(cause=Cause.NETWORK_CHANGED)
    correct(corrections)
    return len(changed)


def _is_news(row: ClientSession) -> bool:
    """Whether this may be the first that is stored of a session."""
    return row.disconnected_at is None or row.disconnected_at - row.connected_at < UNNOTICED


def _stored(lost: Collection[ClientSession]) -> list[ClientSession]:
    """The same sessions with their numbers in the database."""
    found = ClientSession.objects.filter(
        boot__in={row.boot for row in lost}, session_id__in=[row.session_id for row in lost]
    )
    return list(found) if lost else []


def _followed(lost: Collection[ClientSession]) -> Iterator[ClientSession]:
    """Those of the lost sessions whose client has come back from elsewhere."""
    ends = [row.disconnected_at for row in lost if row.disconnected_at is not None]
    if not ends:
        return
    later = _alike(lost, connected_at__gte=min(ends) - UNNOTICED, connected_at__lte=max(ends) + SOON)
    for row in lost:
        if any(_is_change(row, one) for one in later[_who(row)]):
            yield row


def _lost_before(begun: Collection[ClientSession]) -> Iterator[ClientSession]:
    """The lost sessions that these continue from elsewhere."""
    if not begun:
        return
    starts = [row.connected_at for row in begun]
    before = _alike(
        begun, cause__in=LOST, disconnected_at__gte=min(starts) - SOON, disconnected_at__lte=max(starts) + UNNOTICED
    )
    for row in begun:
        yield from (one for one in before[_who(row)] if _is_change(one, row))


def _is_change(lost: ClientSession, later: ClientSession) -> bool:
    if lost.disconnected_at is None or not lost.remote or not later.remote or lost.remote == later.remote:
        return False
    if _who(lost) != _who(later) and lost.user_agent != later.user_agent:
        return False  # A user who takes the phone when the laptop fails has two devices, and the laptop was lost.
    is_later = lost.connected_at < later.connected_at and lost.session_id != later.session_id
    return is_later and -UNNOTICED <= later.connected_at - lost.disconnected_at <= SOON


def _who(row: ClientSession) -> str:
    return row.client_id.partition("#")[0]


def _alike(rows: Collection[ClientSession], **narrowed: object) -> defaultdict[str, list[ClientSession]]:
    """Stored sessions of the same clients, and of the same users, by the id of the session here that they are like."""
    found: defaultdict[str, list[ClientSession]] = defaultdict(list)
    ids = sorted({numbered(_who(row), number) for row in rows for number in NUMBERS})
    for part in _parts(ids):
        for one in ClientSession.objects.filter(client_id__in=part, **narrowed):
            found[_who(one)].append(one)
    clients_of: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.user:
            clients_of[row.user].add(_who(row))
    for part in _parts(sorted(clients_of)):
        for one in ClientSession.objects.filter(user__in=part, **narrowed):
            for client in clients_of[one.user or ""] - {_who(one)}:
                found[client].append(one)
    return found


def _parts(names: list[str]) -> Iterator[list[str]]:
    yield from (names[start : start + CHUNK] for start in range(0, len(names), CHUNK))
