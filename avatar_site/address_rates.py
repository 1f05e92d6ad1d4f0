"""Limits the messages of all connections of one address together: each connection is limited, but one may open many."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakValueDictionary

from avatar_site.addresses import Network, is_unlimited, source_of
from monitoring.core.bucket import TokenBucket

SECONDS_AT_ONCE = 2.0


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
