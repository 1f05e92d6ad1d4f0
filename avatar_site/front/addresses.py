"""Whose connection it is: the peer's address, or the one that trusted proxies report; and limits per address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from weakref import WeakValueDictionary

from monitoring.core.wire.token_bucket import TokenBucket
from monitoring.parsers import words

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MAPPED_BITS = 96
HEADER = b"x-forwarded-for"
ONE_SUBSCRIBER = 64
"""Leading bits of an IPv6 address that identify a subscriber; the subscriber chooses the rest."""
SECONDS_AT_ONCE = 2.0


def networks(text: str) -> tuple[Network, ...]:
    """The networks of a list such as `10.0.0.1, 192.168.0.0/16, fd00::/8`. Raises ValueError with what is allowed."""
    try:
        return tuple(_network(re.sub(r"[\[\]]", "", part)) for part in words(text))
    except ValueError as error:
        raise ValueError(
            "addresses and networks such as 10.0.0.1 or 192.168.0.0/16 or fd00::/8, separated by commas"
        ) from error


def _network(text: str) -> Network:
    network = ip_network(text, strict=False)
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    # An IPv4-mapped address is compared as the IPv4 address it contains.
    return network if mapped is None else ip_network((mapped, max(0, network.prefixlen - MAPPED_BITS)))


def parsed(text: str) -> Address | None:
    """The address of a text such as `10.0.0.1:80`, `[::1]:80`, `fe80::1%eth0` or `::ffff:10.0.0.1`; None for others."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def without_brackets(host: str) -> str:
    """The host as the system knows it: only URLs write IPv6 addresses in brackets."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def in_url(host: str) -> str:
    """The host as in URLs and the Host header: an IPv6 address in brackets and in its short form."""
    try:
        return f"[{IPv6Address(without_brackets(host))}]"
    except ValueError:
        return host


def is_in(address: Address | None, trusted: Iterable[Network]) -> bool:
    return address is not None and any(address in network for network in trusted)


def client_address(peer: str | None, headers: Iterable[tuple[bytes, bytes]], trusted: Iterable[Network]) -> str | None:
    """The nearest address that is not a trusted proxy's, or None if there is none.

    `peer` is None for a Unix socket, which only a proxy on this machine uses. What an untrusted peer forwards is
    ignored: anybody can write it. If a forwarded text is not an address, the search ends at the proxy that wrote it.
    """
    trusted = tuple(trusted)
    own = parsed(peer or "")
    # A dual-stack socket reports IPv4 addresses as ::ffff:10.0.0.1.
    found = str(own) if isinstance(own, IPv4Address) else peer
    if peer is not None and not is_in(own, trusted):
        return found
    forwarded = b",".join(value for name, value in headers if name == HEADER).decode("latin-1")
    for text in reversed(forwarded.split(",")):
        address = parsed(text)
        if address is None:
            break
        found = str(address)
        if not is_in(address, trusted):
            break
    return found


def source_of(address: str | None) -> str | None:
    """The unit that connections and guesses are counted for: an IPv4 address, or the network of an IPv6 subscriber."""
    known = parsed(address or "")
    if isinstance(known, IPv6Address):
        return str(ip_network((known, ONE_SUBSCRIBER), strict=False).network_address)
    return str(known) if known else None


def is_unlimited(address: str | None, trusted: Iterable[Network]) -> bool:
    """Whether many people may share this address: this machine, a proxy, a Unix socket."""
    known = parsed(address or "")
    return known is None or known.is_loopback or is_in(known, trusted)


class SharedBucket(TokenBucket):
    """A bucket that lives as long as any connection of its address."""

    __slots__ = ("__weakref__",)


class AddressRates:
    """Shared buckets by address. Loopback and trusted proxies, which many people may share, are not limited."""

    def __init__(self, messages_per_second: float, trusted: Sequence[Network] = ()) -> None:
        self.messages_per_second = messages_per_second
        self._trusted = tuple(trusted)
        self._buckets: WeakValueDictionary[str, SharedBucket] = WeakValueDictionary()

    def of(self, address: str | None) -> SharedBucket | None:
        """The bucket of the address, or None if it is not limited."""
        if is_unlimited(address, self._trusted):
            return None
        source = source_of(address) or ""
        bucket = self._buckets.get(source)
        if bucket is None:
            rate = self.messages_per_second
            bucket = self._buckets[source] = SharedBucket(rate, rate * SECONDS_AT_ONCE)
        return bucket
