"""Disconnects clients, on whichever node they are, and records who did it and why.

The caller checks the permission `avatar_monitoring.disconnect_client`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec
from redis import RedisError

from monitoring import conf, runtime
from monitoring.columns import MAX_USERNAME, fitting
from monitoring.core.inputs import echo, plain_text
from monitoring.fleet.asking import Replies, ask_nodes
from monitoring.fleet.node_answers import DISCONNECT, MOST_CLIENTS, Target, closed_in
from monitoring.models import Disconnection
from monitoring.models.disconnection import LONGEST_REASON
from monitoring.site import SiteUnknownError

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 3.0
LONGEST_NAME = 255


class Outcome(StrEnum):
    """What came of it."""

    DISCONNECTED = "disconnected"
    NOT_CONNECTED = "not connected"
    """No node had this client any more."""
    NOT_CLOSED = "not closed"
    """Its server could not close the connection."""
    NO_ANSWER = "no answer"
    """Not every node answered in time, and none of those that did had this client."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """One client, and what came of disconnecting it; `node` is the one that had it, if one had."""

    client_id: str
    node: str
    outcome: Outcome


def disconnect(targets: Sequence[Target], by: str, reason: str = "") -> list[Disconnected]:
    """Disconnects up to 100 clients, and returns the outcome of each in the same order, within about three seconds.

    Each is recorded before anything is done, and its outcome afterwards. Raises ValueError that names the value and
    what is allowed, and django.db.Error if nothing can be recorded: then nobody is disconnected.
    """
    _check(targets, reason)
    rows = [
        Disconnection(by=fitting(by, MAX_USERNAME), client_id=one.client_id, node=one.node, reason=reason)
        for one in targets
    ]
    for row in rows:
        row.save()
    replies = _asked(targets)
    found = _found(targets, replies)
    absent = Outcome.NOT_CONNECTED if replies.told and replies.are_all else Outcome.NO_ANSWER
    outcomes = [found.get(number, Disconnected(one.client_id, one.node, absent)) for number, one in enumerate(targets)]
    for row, outcome in zip(rows, outcomes, strict=True):
        row.node, row.outcome = outcome.node, outcome.outcome
        row.save(update_fields=["node", "outcome"])
        logger.info(
            "%s disconnected client %s of node %s (%s): %s",
            by, echo(row.client_id, LONGEST_NAME), echo(row.node, LONGEST_NAME) or "any",
            echo(reason, LONGEST_REASON) or "no reason given", row.outcome,
        )  # fmt: skip
    return outcomes


def _found(targets: Sequence[Target], replies: Replies) -> dict[int, Disconnected]:
    """The targets that nodes had; of two nodes with one, that which closed its connection counts."""
    told = [(closed, reply.node) for reply in replies.told for closed in closed_in(reply.said)]
    return {
        closed.number: Disconnected(
            targets[closed.number].client_id, node, Outcome.DISCONNECTED if closed.done else Outcome.NOT_CLOSED
        )
        for closed, node in sorted(told, key=lambda one: one[0].done)
        if closed.number < len(targets)
    }


def _check(targets: Sequence[Target], reason: str) -> None:
    if not 1 <= len(targets) <= MOST_CLIENTS:
        raise ValueError(f"clients: must be 1 to {MOST_CLIENTS} clients, not {len(targets)}")
    for name, value, longest, shortest in (
        *(("client_id", one.client_id, LONGEST_NAME, 1) for one in targets),
        *(("node", one.node, LONGEST_NAME, 0) for one in targets),
        ("reason", reason, LONGEST_REASON, 0),
    ):
        try:
            plain_text(value, longest, shortest)
        except ValueError as error:
            raise ValueError(f"{name}: must be {error}") from None


def _asked(targets: Sequence[Target]) -> Replies:
    about = msgspec.to_builtins(list(targets))
    url = conf.current().redis_url
    if url:
        try:
            return ask_nodes(url, DISCONNECT, about, ANSWER_SECONDS)
        except (RedisError, SiteUnknownError) as error:
            logger.warning("Cannot ask the other nodes to disconnect clients: %s", str(error) or type(error).__name__)
    calls = runtime.current().calls
    own = None if calls is None else calls.ask_here(DISCONNECT, about, ANSWER_SECONDS)
    # Without a Redis nobody knows whether there are other nodes; a node without one is alone as far as it can be seen.
    return Replies([own] if own else [], are_all=not url)
