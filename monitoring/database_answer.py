"""Whether the database answers in time: one that hangs, or whose network does, may accept connections and be silent."""

from __future__ import annotations

import threading
from contextlib import suppress

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, OperationalError, connection, connections

ANSWER_SECONDS = 3.0
"""Less than most load balancers wait."""


def wait_for_database() -> None:
    """Raises OperationalError if it does not answer in time, or if an earlier caller is still waiting for it."""
    if connection.vendor == "sqlite":
        # Reading a file waits for no other machine.
        return
    thread = _asking.get("thread")
    if thread is None or not thread.is_alive():
        thread = _asking["thread"] = threading.Thread(target=_ask, name="is the database there", daemon=True)
        thread.start()
    thread.join(ANSWER_SECONDS)
    if thread.is_alive():
        raise OperationalError(
            f"it was asked for a connection and SELECT 1, and did not answer in {ANSWER_SECONDS:g} s"
        )


def _ask() -> None:
    # A waiting caller asks again, and is told why; Django says only now if a project has configured no database.
    with suppress(Error, ImproperlyConfigured):
        connection.ensure_connection()
        connection.is_usable()
    connections.close_all()


_asking: dict[str, threading.Thread] = {}
"""At most one thread per process: a hung database holds it until it answers."""
