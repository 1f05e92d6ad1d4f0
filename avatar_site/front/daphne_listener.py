"""Handles the socket that daphne inherits (`--fd`), of whatever family. daphne takes every socket for an IPv4 one.

Of an IPv6 client it then sees the first eight bytes of the address, and zeros.
"""

from __future__ import annotations

import logging
import os
import socket
from typing import Any

from daphne import server
from twisted.internet import endpoints

logger = logging.getLogger(__name__)

# Twisted's types date from before it had any.
AdoptedStreamServerEndpoint: Any = endpoints.AdoptedStreamServerEndpoint
from_string: Any = endpoints.serverFromString

INHERITED = "fd:fileno="


def endpoint(reactor: Any, description: str) -> Any:
    """What Twisted makes of the description, except that an inherited socket is asked for its family."""
    number = description.removeprefix(INHERITED)
    if number == description or not number.isdecimal():
        return from_string(reactor, description)
    with socket.socket(fileno=os.dup(int(number))) as inherited:
        family = inherited.family
    return AdoptedStreamServerEndpoint(reactor, int(number), family)


def install() -> None:
    """Makes the daphne server, which is not created yet, listen through it; logs once if it cannot."""
    if getattr(server, "serverFromString", None) is not from_string:
        logger.warning("IPv6 addresses of clients are truncated: daphne has changed")
        return
    server.serverFromString = endpoint
