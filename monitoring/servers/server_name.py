"""The name of the ASGI server behind a connection's `send`."""

from __future__ import annotations

from functools import partial
from typing import Any

SERVERS = ("daphne", "uvicorn", "gunicorn", "hypercorn", "granian")
UNKNOWN = "this server"


def server_name(send: Any) -> str:
    """One of SERVERS; UNKNOWN for any other, and if code outside `monitored` has wrapped `send`."""
    inner = send.func if isinstance(send, partial) else send
    for one in (inner, getattr(inner, "__self__", None)):
        for module in (getattr(one, "__module__", None), type(one).__module__):
            root = str(module).lstrip("_").partition(".")[0]
            if root in SERVERS:
                return root
    return UNKNOWN
