"""What is kept of clients' addresses, applied where a connection is first seen, so nothing else ever knows more; and
what of that people see who lack the permission for addresses."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

Mask = Callable[[str], str]
"""Takes a peer's address as the server tells it, and returns what is kept of it; empty for nothing."""

FULL, NETWORK, HASH, OFF = "full", "network", "hash", "off"
KINDS = (FULL, NETWORK, HASH, OFF)

IPV4_BITS, IPV6_BITS = 24, 48
"""A network of an office or a household's provider, as statistics of web sites keep it."""

SIX_TO_FOUR_BITS = 16 + IPV4_BITS
"""An address of 6to4, 2002:…, has a whole IPv4 address in its first 48 bits."""

HASH_DIGITS = 16
HASH_MARK = "hash:"
MOST_REMEMBERED = 4_096
"""Addresses whose result is remembered: a client that returns costs nothing."""

MOST_SHOWN = 16_384
"""The same, of those that are shown or searched: more than a node has clients, so that each is masked once."""


def mask_of(kind: str, key: bytes = b"") -> Mask:
    """One of `KINDS`: the whole address; its network (/24 or /48); a hash under the key, so that equal addresses stay
    equal; or nothing. Raises ValueError for another kind."""
    if kind == FULL:
        return str
    if kind == NETWORK:
        return lru_cache(MOST_REMEMBERED)(network_of)
    if kind == HASH:
        return lru_cache(MOST_REMEMBERED)(lambda address: hashed(address, key))
    if kind == OFF:
        return lambda _: ""
    raise ValueError(f"{kind}: must be one of {', '.join(KINDS)}")


def network_of(address: str) -> str:
    """203.0.113.0/24, 2001:db8:1::/48; empty for what is no address, such as the name of a socket."""
    parsed = _parsed(address)
    if parsed is None:
        return ""
    bits = IPV4_BITS if isinstance(parsed, IPv4Address) else SIX_TO_FOUR_BITS if parsed.sixtofour else IPV6_BITS
    # ip_network() takes five times as long.
    rest = parsed.max_prefixlen - bits
    return f"{type(parsed)(int(parsed) >> rest << rest)}/{bits}"


@lru_cache(MOST_SHOWN)
def masked(kept: str) -> str:
    """What people see of a kept address who may not see it whole: its network, or the hash if it is one."""
    return kept if kept.startswith(HASH_MARK) else network_of(kept.partition("/")[0])


def hashed(address: str, key: bytes) -> str:
    """16 hex digits that nobody can turn back without the key; empty for an empty address.

    All IPv4 addresses can be tried in minutes, so a hash without a secret key would hide nothing.
    """
    if not address:
        return ""
    parsed = _parsed(address)
    text = address if parsed is None else str(parsed)
    return HASH_MARK + hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:HASH_DIGITS]


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    # A socket for both protocols tells IPv4 addresses as IPv6 ones.
    return getattr(parsed, "ipv4_mapped", None) or parsed
