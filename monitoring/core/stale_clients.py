"""The alert about silent clients: one for each, as long as they are not a crowd."""

from __future__ import annotations

from collections.abc import Mapping

from monitoring.core.alert_rules import PER_CLIENT
from monitoring.core.alerts import AlertBook
from monitoring.core.metrics import ClientMetrics

MOST_ALERTS = 200
"""At once per node; further clients are only counted, or an idle crowd would fill frames, pages and the database."""


def observe_clients(book: AlertBook, clients: Mapping[str, ClientMetrics], now: float, at: float) -> None:
    """Checks when each client was last heard; `now` is for durations, `at` is the UTC timestamp."""
    subjects = book.subjects(PER_CLIENT)
    room = MOST_ALERTS
    for client_id in subjects:
        if client_id not in clients:
            book.end(PER_CLIENT, client_id, at)
            continue
        book.observe(PER_CLIENT, client_id, now - clients[client_id].last_message_time, now, at)
        room -= (PER_CLIENT, client_id) in book.firing
    latest = now - book.rules[PER_CLIENT].threshold
    beyond = 0
    for client in clients.values():
        if client.last_message_time < latest and (PER_CLIENT, client.client_id) not in book.firing:
            if room > 0:
                book.observe(PER_CLIENT, client.client_id, now - client.last_message_time, now, at)
                room -= (PER_CLIENT, client.client_id) in book.firing
            else:
                beyond += 1
    book.beyond = beyond
