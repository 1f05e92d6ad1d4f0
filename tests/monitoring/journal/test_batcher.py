from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.client_steps import decode_steps
from monitoring.core.records import ClockJump
from monitoring.journal.batcher import Batcher, ReportedMinutes
from tests.monitoring.batches import MINUTE, alert, sample, session
from tests.monitoring.core.test_client_steps import FIRST
from tests.monitoring.core.test_client_steps import group as group_of


def step_group(at: float):
    return group_of(FIRST, at=at)


def tick(second: float, seconds: float = 1.0, **more):
    one = sample(MINUTE + second, seconds, messages=1)
    return SimpleNamespace(
        **{
            "sample": one,
            "jumped": 0.0,
            "sessions": [],
            "alerts": [],
            "peaks": [],
            "last": False,
            "gauges": [],
            "steps": None,
            **more,
        }
    )


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


def tell(told: ReportedMinutes, start: float, seconds: int, *, jumped: bool = False):
    """Second after second: what was sent about each, and the repeated minutes."""
    placed = [
        told.place(sample(start + second, messages=1), jumped=jumped and second == 0) for second in range(seconds)
    ]
    return [one for one, _ in placed], [renewed for _, renewed in placed if renewed is not None]


def test_continuous_time_is_sent_unchanged():
    samples, renewed = tell(ReportedMinutes(), MINUTE, 150)
    assert [one.start for one in samples] == [MINUTE + second for second in range(150)]
    assert (renewed, sum(one.seconds for one in samples)) == ([], 150)


def test_a_clock_set_ahead_and_corrected_sends_no_minute_twice():
    told = ReportedMinutes()
    tell(told, MINUTE, 60)
    tell(told, MINUTE + 7200, 60, jumped=True)
    samples, renewed = tell(told, MINUTE + 120, 60, jumped=True)
    assert (renewed, [one.seconds for one in samples]) == ([], [1.0] * 60)


def test_repeated_minutes_void_what_was_sent_about_them():
    told = ReportedMinutes()
    tell(told, MINUTE, 300)
    _, renewed = tell(told, MINUTE + 60, 300, jumped=True)
    assert renewed == [MINUTE + 60, MINUTE + 120, MINUTE + 180, MINUTE + 240]


def test_a_step_back_within_a_minute_covers_no_second_twice_and_loses_no_count():
    told = ReportedMinutes()
    before, _ = tell(told, MINUTE, 40)
    after, renewed = tell(told, MINUTE + 30, 30, jumped=True)
    assert renewed == []
    assert sum(one.seconds for one in (*before, *after)) == 60
    assert sum(one.messages for one in (*before, *after)) == 70
    assert all(MINUTE <= one.start <= one.until <= MINUTE + 60 for one in (*before, *after))


@given(st.lists(st.tuples(st.integers(-600, 600), st.integers(1, 130)), max_size=6))
def test_no_minute_is_ever_sent_for_more_than_its_length(stretches):
    told, minutes, now = ReportedMinutes(), {}, float(MINUTE)
    for jump, seconds in stretches:
        now += jump
        for second in range(seconds):
            one, renewed = told.place(sample(now, messages=1), jumped=second == 0)
            if renewed is not None:
                minutes[renewed] = 0.0
            minute = one.start // 60 * 60
            minutes[minute] = minutes.get(minute, 0.0) + one.seconds
            now += 1
    assert all(seconds == pytest.approx(60) or seconds < 60 for seconds in minutes.values())


def jump(second: float, by: float):
    return tick(second, jumped=by, timestamp=MINUTE + second + 1)


def test_a_jump_of_the_clock_ends_a_batch_and_comes_with_the_next_a_tick_later(batcher):
    before, after = batches(batcher, tick(0), tick(1), jump(3602, 3600.0), tick(3603))
    assert [[one.start - MINUTE for one in batch.samples] for batch in (before, after)] == [[0, 1], [3602, 3603]]
    assert (before.jumps, after.jumps) == ([], [ClockJump(MINUTE + 3603, 3600.0)])


def test_merged_nothing_from_before_a_jump_is_added_to_what_comes_after(batcher):
    for second in range(2):
        batcher.add(tick(second), merge=True)
    (before,) = batcher.add(jump(3602, 3600.0), merge=True).samples
    (after,) = batcher.add(tick(3603), merge=True).samples
    assert [(one.start - MINUTE, one.messages) for one in (before, after)] == [(0, 2), (3602, 2)]


def test_a_batch_names_the_minutes_that_occur_again(batcher):
    batches(batcher, *map(tick, range(60, 70)))
    closed = batches(batcher, jump(0, -70.0), *map(tick, range(1, 66)))
    assert [minute for batch in closed for minute in batch.renewed] == [MINUTE + 60]


def test_the_sessions_and_peaks_of_all_its_ticks_are_in_a_batch(batcher):
    one, other = (alert("peak", metric=metric) for metric in ("cpu_percent", "memory_percent"))
    first, second = session("a"), session("b")
    batches(batcher, tick(0, sessions=[first], peaks=[one]), tick(1, sessions=[second], peaks=[other]), tick(2))
    closed = batcher.close()
    assert (closed.sessions, closed.alerts, len(closed.samples)) == ([first, second], [one, other], 3)


def test_the_first_batch_since_they_are_known_carries_the_versions():
    known: dict[str, str] = {}
    batcher = Batcher("web:1", "boot1", "web", seconds=1, versions=lambda: known)
    assert [batcher.add(tick(0)).versions, batcher.add(tick(1)).versions] == [{}, {}]
    known["python"] = "3.12.1"
    assert [batcher.add(tick(2)).versions, batcher.add(tick(3)).versions] == [{"python": "3.12.1"}, {}]


def test_a_batch_has_the_steps_of_clients_of_its_ticks(batcher):
    (closed,) = batches(batcher, *(tick(second, steps=step_group(MINUTE + second)) for second in range(5)))
    assert [group.at - MINUTE for group in decode_steps(closed.client_steps).groups] == [0, 1, 2, 3, 4]
    (following,) = batches(batcher, *map(tick, range(5, 10)))
    assert following.client_steps == b""


def test_merged_a_batch_has_no_steps_of_clients(batcher):
    for second in range(4):
        batcher.add(tick(second, steps=step_group(MINUTE + second)), merge=True)
    assert batcher.close(merge=True).client_steps == b""
