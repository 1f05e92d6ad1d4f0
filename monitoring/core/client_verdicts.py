"""How many clients have which verdict, and for how long: counted as verdicts change, not by looking at every client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from monitoring.core.metrics import ClientMetrics
from monitoring.core.stats.breakdowns import VERDICTS
from monitoring.core.stats.sample import Sample
from monitoring.core.verdict import Judged
from monitoring.core.verdict_rules import SLOW_MS
from monitoring.core.verdicts import Judgement, Verdict

TINY = 1e-6
"""A sum of tenths may come out a little short of the whole number that it is."""


class BadReading(NamedTuple):
    """What was found of a client that had a bad reading, and when, by the collector's clock."""

    judged: Judged
    at: float


class ClientVerdicts:
    """Of one node's clients, each by its last judgement; those that were not judged yet count as unknown.

    `looked_at` are clients whose rows viewers were sent, `suspects` those whose last round trip was slow or that had
    one bad reading: both are judged at the next tick. `bad` are those of which any recent reading was bad. `slow_ms` is
    what a round trip is slow from.
    """

    def __init__(self, slow_ms: float = SLOW_MS) -> None:
        self.slow_ms = slow_ms
        self.looked_at: dict[str, None] = {}
        self.suspects: dict[str, None] = {}
        self.bad: dict[str, BadReading] = {}
        self._judged: Counter[Verdict] = Counter()
        self._begun: dict[str, float] = {}

    def look_at(self, client_ids: Iterable[str]) -> None:
        """Viewers were sent the rows of these clients."""
        self.looked_at.update(dict.fromkeys(client_ids))

    def answered(self, client_id: str, latency_ms: float) -> None:
        """A round trip was measured: a slow one is worth a look at the next tick."""
        if latency_ms >= self.slow_ms:
            self.suspects[client_id] = None

    def judged(self, client: ClientMetrics, judgement: Judgement) -> None:
        """A client of this node has this judgement from now on."""
        before, client.judgement = client.judgement, judgement
        if before is not None:
            if before.verdict is judgement.verdict:
                return
            self._judged[before.verdict] -= 1
        self._judged[judgement.verdict] += 1

    def left(self, client: ClientMetrics) -> None:
        """The client is no longer there."""
        self._uncount(client)
        self.looked_at.pop(client.client_id, None)
        self.suspects.pop(client.client_id, None)
        self.bad.pop(client.client_id, None)

    def renamed(self, before: str, after: str) -> None:
        """The client that was called `before` is called `after`."""
        self.looked_at.pop(before, None)
        if before in self.suspects:
            del self.suspects[before]
            self.suspects[after] = None
        if (bad := self.bad.pop(before, None)) is not None:
            self.bad[after] = bad

    def _uncount(self, client: ClientMetrics) -> None:
        if client.judgement is not None:
            self._judged[client.judgement.verdict] -= 1
            client.judgement = None

    def now(self, clients: int) -> dict[str, int]:
        """How many of the node's `clients` have each verdict; verdicts that none has are left out."""
        unknown = clients - self._judged.total() + self._judged[Verdict.UNKNOWN]
        counts = {**self._judged, Verdict.UNKNOWN: unknown}
        return {verdict.value: counts[verdict] for verdict in Verdict if counts.get(verdict)}

    def count_into(self, sample: Sample, clients: int) -> None:
        """Counts client-seconds by verdict, as if the sample's seconds had been as it is now.

        They are whole numbers; what is left of a second counts in the next sample.
        """
        found: dict[str, int] = {}
        for verdict, count in self.now(clients).items():
            total = self._begun.get(verdict, 0.0) + count * sample.seconds
            whole = int(total + TINY)
            self._begun[verdict] = max(0.0, total - whole)
            if whole:
                found[verdict] = whole
        if found:
            sample.breakdowns[VERDICTS] = found
