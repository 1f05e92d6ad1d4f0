"""What state a client is in, and how many clients are in which: counted only while somebody looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from itertools import product

import msgspec

from monitoring.core.client_rates import MessageRates
from monitoring.core.metrics import ClientMetrics
from monitoring.core.tick_turns import CLIENTS_A_TICK, TickTurn, TickTurns

IDLE_SECONDS = 10.0
"""Who sent nothing for so long is idle, and sooner where clients are stale sooner: at half of that time."""

LOW_FPS = 30.0
"""Half of what a display shows; fewer frames are seen to stutter."""

NOISY_PER_SECOND = 50.0
"""Messages a second, unless AVATAR_NOISY_CLIENT_MESSAGES says another limit: who moves with each frame sends sixty."""


class ClientState(StrEnum):
    """Each client is stale, idle or live, by when it was last heard; it may be slow, draw few frames and be noisy as
    well. The worst comes first."""

    STALE = "stale"
    SLOW = "slow"
    """Its average round trip is longer than the limit."""
    LOW_FPS = "low_fps"
    NOISY = "noisy"
    """It sends more messages than the limit."""
    IDLE = "idle"
    LIVE = "live"


CLIENT_STATES = tuple(state.value for state in ClientState)
SEVERITY: Mapping[str, int] = {state: number for number, state in enumerate(reversed(CLIENT_STATES))}
"""How bad a state is; more is worse."""

States = tuple[str, ...]

COMBINED: Mapping[tuple[str, bool, bool, bool], States] = {
    (heard, slow, low, noisy): tuple(
        state
        for state in CLIENT_STATES
        if state == heard or {"slow": slow, "low_fps": low, "noisy": noisy}.get(state, False)
    )
    for heard, slow, low, noisy in product(("stale", "idle", "live"), (False, True), (False, True), (False, True))
}


class StateLimits(msgspec.Struct, frozen=True):
    """From when on a client is stale (seconds without a message), slow (milliseconds of its average round trip) and
    noisy (messages a second)."""

    stale_seconds: float = 60.0
    slow_ms: float = 100.0
    noisy_per_second: float = NOISY_PER_SECOND

    @property
    def idle_seconds(self) -> float:
        return min(IDLE_SECONDS, self.stale_seconds / 2)

    def of_each(self, clients: Iterable[ClientMetrics], rates: MessageRates, now: float) -> list[States]:
        """The states of each of these clients, the worst first; `now` is by the clock that took the clients' times.

        One call for many takes half the time of many calls.
        """
        stale_from, idle_from, slow_ms = now - self.stale_seconds, now - self.idle_seconds, self.slow_ms
        found = []
        for client in clients:
            heard, fps = client.last_message_time or client.connected_at, client.fps
            activity = "live" if heard >= idle_from else "idle" if heard >= stale_from else "stale"
            is_slow = client.latency_samples.average > slow_ms
            is_noisy = (rates.of(client, now) or 0.0) > self.noisy_per_second
            found.append(COMBINED[activity, is_slow, fps is not None and fps < LOW_FPS, is_noisy])
        return found


class StateCounts:
    """Counts one node's clients by state: at most CLIENTS_A_TICK of them at a tick, but the first time all at once.

    It is to be asked at each tick: what was counted before a pause is forgotten.
    """

    def __init__(self) -> None:
        self.counted: dict[str, int] = {}
        """How many clients are in each state; states in which none is are left out."""
        self._turns = TickTurns()
        self._left: list[str] = []
        self._counting: Counter[States] = Counter()

    def turn(
        self, clients: Mapping[str, ClientMetrics], limits: StateLimits, rates: MessageRates, now: float, seq: int
    ) -> None:
        """Goes on counting at the tick of this number, once."""
        turn = self._turns.at(seq)
        if turn is TickTurn.SAME:
            return
        if turn is TickTurn.AFRESH or not self._left:
            self._left, self._counting = list(clients), Counter()
        most = CLIENTS_A_TICK if turn is TickTurn.NEXT else len(self._left)
        some, self._left = self._left[:most], self._left[most:]
        self._counting.update(limits.of_each([clients[one] for one in some if one in clients], rates, now))
        if not self._left:
            self.counted = _by_state(self._counting)


def _by_state(combined: Mapping[States, int]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for states, number in combined.items():
        counts.update(dict.fromkeys(states, number))
    return {state: counts[state] for state in CLIENT_STATES if counts[state]}
