"""Where the site listens, and the addresses at which this machine and its browsers reach it: IPv4, IPv6 or both."""

from __future__ import annotations

import errno
import socket
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from avatar_site.front.addresses import in_url, parsed, without_brackets

BACKLOG = 4096
# The system's own text for these does not help.
REASONS = {
    errno.EADDRNOTAVAIL: "this machine has no such address",
    errno.EAFNOSUPPORT: "this machine has no IPv6",
    errno.EINVAL: "a link-local address needs its interface, as in fe80::1%eth0",
}


def listen(host: str, port: int) -> socket.socket:
    """The one socket that all server processes share.

    `host` is an address, with or without brackets, or a name, for which the first IPv4 address is used, or IPv6 if it
    has no other. `::` means every address of the machine, including IPv4. Raises ImproperlyConfigured with one line.
    """
    try:
        return _bound(host, port)
    except (OSError, UnicodeError, ValueError) as error:
        raise ImproperlyConfigured(f"--host={host} --port={port}: cannot be used ({_reason(error)})") from error


def reached_at(listener: socket.socket) -> tuple[str, int]:
    """Host and port at which this machine reaches what listens there."""
    host, port = listener.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port


def shown(host: str, listener: socket.socket) -> str:
    """What people type into a browser: the name they gave, or else an address."""
    is_name = not is_every_address(listener) and in_url(host) == host and parsed(host) is None
    return host if is_name else in_url(reached_at(listener)[0])


def is_every_address(listener: socket.socket) -> bool:
    return listener.getsockname()[0] in ("0.0.0.0", "::")


def _bound(host: str, port: int) -> socket.socket:
    family, address = _resolved(host, port)
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6 and socket.has_dualstack_ipv6():
            # Independent of the machine's default: `::` without IPv4 would keep most browsers out.
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    # Every process is woken for a connection, and those that come too late must not block on the next one.
    listener.setblocking(False)
    return listener


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    if not host:
        raise ValueError("it is empty; use 0.0.0.0 for every IPv4 address of this machine, or :: to include IPv6")
    found = socket.getaddrinfo(without_brackets(host), port, type=socket.SOCK_STREAM)
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, address


def _reason(error: Exception) -> str:
    if isinstance(error, (socket.gaierror, UnicodeError)):
        reason = error.strerror if isinstance(error, OSError) else "not a valid name"
        return f"it is neither an address nor a resolvable name: {reason}"
    if isinstance(error, OSError):
        return REASONS.get(error.errno or 0) or error.strerror or str(error)
    return str(error)
