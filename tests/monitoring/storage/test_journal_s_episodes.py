"""What is stored of alerts follows from what was measured, whenever and in whatever pieces the journal is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.columns import timestamp
from monitoring.core.records import AlertRecord
from monitoring.models import Alert, ClientSession, Minute, Node
from monitoring.storage.rows import Arrival, store
from monitoring.storage.silent_nodes import close_departed
from tests.monitoring.batches import MINUTE, alert, batch, sample

pytestmark = pytest.mark.django_db

SUBJECTS = ("web", "avatar:journal")
LONG_AFTER = 10_000

Steps = list[tuple[int, str, str]]
"""Of one start of a node: seconds since the step before, what happens, and to which alert."""

STEPS = st.lists(
    st.tuples(
        st.sampled_from([2, 20, 50, 100, 250]),
        st.sampled_from(["toggles", "toggles", "grows", "nothing"]),
        st.sampled_from(SUBJECTS),
    ),
    min_size=1,
    max_size=8,
)


class Life(NamedTuple):
    boot: str
    begins: int
    steps: Steps
    is_stopped: bool
    knows_since: bool


LIVES = st.tuples(
    *(
        st.builds(Life, st.just(boot), st.sampled_from([0, 3, 150]), STEPS, st.booleans(), st.just(boot != "c"))
        for boot in "abc"
    )
)


def arrivals_of(life: Life) -> list[Arrival]:
    """What one start of a node appends; the one that does not know `since` is of an older release."""
    found: list[Arrival] = []
    firing: dict[str, AlertRecord] = {}
    now = MINUTE + life.begins

    def tell(*records: AlertRecord) -> None:
        # Of one that has told no samples, the last sign is its last entry.
        samples = [sample(now)] if life.boot == "a" else []
        one = batch(*samples, seq=len(found) + 1, boot=life.boot, node=f"web:{life.boot}", alerts=list(records))
        found.append(Arrival(now + 1.0, one))

    def record(state: str, subject: str, peak: float, ended: str = "") -> AlertRecord:
        since = firing[subject].at if subject in firing else float(now)
        told_since = since if life.knows_since else None
        return alert(state, float(now), subject=subject, peak=peak, since=told_since, ended=ended)

    for pause, action, subject in life.steps:
        now += pause
        if action == "toggles" and subject in firing:
            tell(record("resolved", subject, firing[subject].peak))
            del firing[subject]
        elif action == "toggles":
            firing[subject] = record("firing", subject, 91.0)
            tell(firing[subject])
        elif action == "grows" and subject in firing and life.knows_since:
            firing[subject].peak += pause
            tell(record("firing", subject, firing[subject].peak))
        else:
            tell()
    if life.is_stopped:
        now += 1
        tell(*(record("resolved", subject, one.peak, "server stopped") for subject, one in firing.items()))
    return found


def drained(arrivals: Sequence[Arrival], drains: Sequence[tuple[float, bool, int]]) -> list[tuple]:
    """The episodes when the journal is stored at these moments: with or without closing, so many entries at a time."""
    for model in (Alert, Minute, Node, ClientSession):
        model.objects.all().delete()
    waiting = list(arrivals)
    for moment, closes, at_a_time in [*drains, (MINUTE + LONG_AFTER, True, 500)]:
        due = [arrival for arrival in waiting if arrival.at <= moment]
        waiting = waiting[len(due) :]
        for first in range(0, len(due), at_a_time):
            store(due[first : first + at_a_time])
        if closes:
            close_departed(timestamp(moment))
    columns = ("metric", "subject", "started_at", "ended_at", "ended", "peak", "message", "node", "boot")
    return sorted(Alert.objects.values_list(*columns))


DRAINS = st.lists(
    st.tuples(st.integers(0, 1_500).map(lambda second: MINUTE + second), st.booleans(), st.sampled_from([1, 2, 500])),
    max_size=12,
).map(sorted)


@settings(max_examples=15)
@given(LIVES, DRAINS, st.randoms(use_true_random=False))
def test_whenever_a_journal_is_stored_its_episodes_are_the_same(lives, drains, source):
    each = [arrivals_of(life) for life in lives]
    arrivals = sorted((one for some in each for one in some), key=lambda arrival: arrival.at)
    copies = [Arrival(one.at + 300, one.batch) for one in source.sample(arrivals, k=len(arrivals) // 4)]
    journal = sorted([*arrivals, *copies], key=lambda arrival: arrival.at)
    late = drained(arrivals, [])
    assert drained(journal, drains) == late
    each_minute = [(MINUTE + 60.0 * number, True, 500) for number in range(1, 30)]
    assert drained(journal, each_minute) == late


@settings(max_examples=6)
@given(LIVES, st.randoms(use_true_random=False))
def test_whichever_node_s_batches_come_first_the_episodes_are_the_same(lives, source):
    each = [arrivals_of(life) for life in lives]
    in_order = sorted((one for some in each for one in some), key=lambda arrival: arrival.at)
    shuffled = []
    left = [list(some) for some in each]
    while any(left):
        shuffled.append(source.choice([some for some in left if some]).pop(0))
    last_heard = {life.boot: some[-1].at for life, some in zip(lives, each, strict=True)}
    assert drained([one._replace(at=last_heard[one.batch.boot]) for one in shuffled], []) == drained(in_order, [])
