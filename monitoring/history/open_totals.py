"""The totals of open sessions so far: their nodes know them and tell them at once; the database learns them at the end.

Asking takes a few milliseconds, from any process that reaches the site's Redis. What no node tells stays unknown.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
from redis import RedisError

from monitoring import conf
from monitoring.columns import timestamp
from monitoring.fleet.asking import ask_nodes
from monitoring.fleet.node_answers import TOTALS, SoFar, so_far_in
from monitoring.fleet.node_calls import NodeReply
from monitoring.models import ClientSession
from monitoring.site import SiteUnknownError

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 0.5
MOST_ASKED = 200
"""Sessions of one question; further ones stay unknown."""

FIELDS = (
    "messages", "bytes_received", "bytes_sent", "latency_average_ms", "latency_p95_ms", "latency_sketch",
    "fps_average", "frame_time_sketch",
)  # fmt: skip


def add_totals(rows: Iterable[ClientSession]) -> None:
    """Sets the totals so far on those rows that are open, and `totals_at`, when they were read; saves nothing."""
    asked = [row for row in rows if row.is_open][:MOST_ASKED]
    url = conf.current().redis_url
    if not asked or not url:
        return
    about: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in asked:
        about[row.boot][row.session_id] = row.client_id

    def is_enough(replies: Sequence[NodeReply]) -> bool:
        return sum(reply.said is not None for reply in replies) == len(about)

    try:
        replies = ask_nodes(url, TOTALS, about, ANSWER_SECONDS, is_enough)
        told = {found.boot: found for reply in replies.told if (found := so_far_in(reply.said)) is not None}
    except (RedisError, SiteUnknownError, msgspec.ValidationError) as error:
        logger.warning("Cannot read the totals of open sessions: %s", str(error) or type(error).__name__)
        return
    for row in asked:
        if row.boot in told:
            _fill(row, told[row.boot])


def _fill(row: ClientSession, told: SoFar) -> None:
    record = next((one for one in told.sessions if one.session_id == row.session_id), None)
    if record is None:
        return
    for name in FIELDS:
        setattr(row, name, getattr(record, name))
    row.totals_at = timestamp(told.at)
