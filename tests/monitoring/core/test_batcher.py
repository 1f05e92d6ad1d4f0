from types import SimpleNamespace

import pytest

from monitoring.core.batcher import Batcher
from tests.monitoring.batches import MINUTE, alert, sample, session


def tick(second: float, seconds: float = 1.0, **more):
    one = sample(MINUTE + second, seconds, messages=1)
    return SimpleNamespace(**{"sample": one, "jumped": 0.0, "sessions": [], "alerts": [], "peaks": [], **more})


@pytest.fixture
def batcher() -> Batcher:
    return Batcher("web:1", "boot1", "web")


def batches(batcher: Batcher, *ticks) -> list:
    return [batch for one in ticks if (batch := batcher.add(one))]


def test_a_batch_holds_five_seconds(batcher):
    closed = batches(batcher, *map(tick, range(12)))
    assert [[one.start - MINUTE for one in batch.samples] for batch in closed] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]


def test_batches_are_numbered_and_name_their_boot(batcher):
    closed = batches(batcher, *map(tick, range(10)))
    assert [(one.node, one.boot, one.host, one.seq) for one in closed] == [
        ("web:1", "boot1", "web", 1),
        ("web:1", "boot1", "web", 2),
    ]


def test_no_batch_crosses_the_end_of_a_minute(batcher):
    assert batches(batcher, tick(58)) == []
    assert len(batches(batcher, tick(59))[0].samples) == 2


def test_an_alert_is_handed_over_at_once(batcher):
    assert batches(batcher, tick(1, alerts=[alert("firing")]))[0].alerts == [alert("firing")]


def test_a_thousand_sessions_are_handed_over_at_once(batcher):
    opened = [session(str(number)) for number in range(1_000)]
    assert batches(batcher, tick(1, sessions=opened))[0].sessions == opened


def test_long_intervals_make_one_batch_each(batcher):
    assert len(batches(batcher, tick(0, 10.0), tick(10, 10.0))) == 2


def test_merged_a_batch_has_one_sample_with_the_same_totals(batcher):
    for second in range(4):
        batcher.add(tick(second))
    merged = batcher.add(tick(4), merge=True)
    assert [(one.start - MINUTE, one.seconds, one.messages) for one in merged.samples] == [(0, 5.0, 5)]


def test_closing_returns_the_rest_once(batcher):
    batcher.add(tick(1))
    assert len(batcher.close().samples) == 1
    assert batcher.close() is None


def test_peaks_come_with_the_next_batch_before_changes_and_once_per_alert(batcher):
    grown = [alert("firing", MINUTE + second, peak=peak) for second, peak in ((1, 92.0), (2, 93.0))]
    assert batcher.add(tick(0, peaks=grown[:1])) is None
    ended = alert("resolved", MINUTE + 3.0)
    batch = batcher.add(tick(1, peaks=grown[1:], alerts=[ended]))
    assert batch.alerts == [grown[1], ended]
    assert batcher.add(tick(2)) is None
    assert batcher.close().alerts == []
