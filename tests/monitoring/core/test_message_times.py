"""One consumer's messages, as a server and a consumer would report them to it."""

import pytest

from monitoring.core.message_times import Longest, MessageTimes
from tests.fakes import FakeClock


class Consumer:
    """Takes and handles messages like Channels' consumers, which ask for the next one when they are done."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.times = MessageTimes(clock)
        self.queue = 0
        self.timed = 0
        self._is_timed = self.times.asks()
        self.asks()

    def arrive(self, messages: int = 1) -> None:
        for _ in range(messages):
            self.queue += 1
            self.times.arrived()

    def takes(self) -> None:
        self.queue -= 1
        if self._is_timed:
            self.timed += 1
            self.times.took()

    def asks(self) -> None:
        self._is_timed = self.times.asks()

    def skips(self) -> None:
        self.queue -= 1
        self.times.skipped()

    def handles(self, seconds: float, messages: int = 1) -> None:
        for _ in range(messages):
            self.takes()
            self.clock.advance(seconds)
            self.asks()


@pytest.fixture
def consumer(clock) -> Consumer:
    return Consumer(clock)


def longest(consumer: Consumer) -> Longest:
    wait, handler = consumer.times.read()
    return Longest(None if wait is None else round(wait), None if handler is None else round(handler))


def test_before_the_first_message_nothing_is_known(consumer):
    assert longest(consumer) == (None, None)


def test_a_message_that_is_handled_at_once(consumer):
    consumer.arrive()
    consumer.handles(0.02)
    assert longest(consumer) == (0, 20)


def test_the_longest_of_several(consumer):
    for seconds in (0.02, 0.3, 0.01):
        consumer.arrive()
        consumer.handles(seconds)
    assert longest(consumer) == (0, 300)


def test_each_reading_begins_anew(consumer):
    consumer.arrive()
    consumer.handles(0.3)
    longest(consumer)
    assert longest(consumer) == (None, None)
    consumer.arrive()
    consumer.handles(0.01)
    assert longest(consumer) == (0, 10)


def test_a_message_waits_while_another_one_is_handled(consumer):
    consumer.arrive(2)
    consumer.handles(0.2, messages=2)
    assert longest(consumer) == (200, 200)


def test_the_consumer_s_own_wake_up_is_a_wait(consumer, clock):
    consumer.arrive()
    clock.advance(0.05)
    consumer.handles(0.01)
    assert longest(consumer) == (50, 10)


def test_the_last_of_a_burst_waits_for_all_others(consumer):
    consumer.arrive(100)
    consumer.handles(0.1, messages=100)
    wait, handler = longest(consumer)
    # The last one is timed from the moment at which the second one was taken.
    assert (wait, handler) == (9_800, 100)


def test_a_message_that_is_still_handled_counts_for_as_long_as_it_has_taken(consumer, clock):
    consumer.arrive(2)
    consumer.takes()
    clock.advance(3)
    assert longest(consumer) == (3_000, 3_000)
    clock.advance(4)
    assert longest(consumer) == (7_000, 7_000)
    consumer.asks()
    consumer.handles(0.1)
    assert longest(consumer) == (7_000, 7_000)


def test_with_many_messages_few_are_timed(consumer):
    for _ in range(1_000):
        consumer.arrive()
        consumer.handles(0.001)
    assert 8 <= consumer.timed <= 64


def test_after_a_reading_messages_are_timed_again(consumer):
    for _ in range(1_000):
        consumer.arrive()
        consumer.handles(0.001)
    longest(consumer)
    consumer.timed = 0
    for _ in range(9):
        consumer.arrive()
        consumer.handles(0.002)
    assert consumer.timed == 8
    assert longest(consumer) == (0, 2)


def test_a_slow_message_among_many_shows_by_what_waits_behind_it(consumer, clock):
    for _ in range(1_000):
        consumer.arrive()
        consumer.handles(0.001)
    longest(consumer)
    for _ in range(9):
        consumer.arrive()
        consumer.handles(0.001)
    timed = consumer.timed
    consumer.arrive()
    consumer.takes()
    assert consumer.timed == timed
    clock.advance(0.01)
    consumer.arrive()
    clock.advance(0.4)
    consumer.asks()
    consumer.handles(0.001)
    assert longest(consumer) == (400, 400)


def test_the_time_in_which_the_client_was_welcomed_is_none_of_its_messages(clock):
    times = MessageTimes(clock)
    times.asks()
    clock.advance(2)
    times.asks()
    assert times.read() == (None, None)


def test_a_message_that_waits_for_the_welcome_to_end_counts(clock):
    times = MessageTimes(clock)
    times.asks()
    times.arrived()
    clock.advance(2)
    times.asks()
    assert times.read() == (2_000, 2_000)


def test_a_consumer_may_ask_again_without_having_got_a_message(consumer, clock):
    consumer.asks()
    clock.advance(1)
    consumer.asks()
    consumer.arrive()
    consumer.handles(0.02)
    assert longest(consumer).handler_ms == 20


def test_without_arrivals_only_the_handler_s_time_is_known(clock):
    times = MessageTimes(clock)
    times.asks()
    for _ in range(3):
        assert times.asks()
        times.took()
        clock.advance(0.05)
    times.asks()
    wait, handler = times.read()
    assert (wait, round(handler)) == (None, 50)


def test_a_server_that_tells_of_sizes_is_counted_and_timed(consumer):
    sizes: list[int] = []
    told = consumer.times.counting(sizes.append)
    for _ in range(100):
        consumer.queue += 1
        told(5)
        consumer.handles(0.02)
    assert sizes == [5] * 100
    assert 8 < consumer.timed < 50
    assert longest(consumer) == (0, 20)


def test_what_is_taken_away_from_a_waiting_consumer_holds_nobody_up(consumer):
    for _ in range(20):
        consumer.arrive()
        consumer.skips()
        consumer.clock.advance(5.0)
        assert longest(consumer) == (None, None)
    consumer.arrive()
    consumer.handles(0.02)
    assert longest(consumer) == (0, 20)


def test_what_comes_with_something_that_is_taken_away_is_counted_as_before(consumer):
    consumer.arrive(3)
    consumer.skips()
    consumer.skips()
    consumer.handles(0.02)
    consumer.clock.advance(5.0)
    longest(consumer)
    consumer.arrive()
    consumer.handles(0.02)
    assert longest(consumer) == (0, 20)
    consumer.clock.advance(5.0)
    assert longest(consumer) == (None, None)


def test_what_is_taken_away_after_a_message_waited_behind_it(consumer):
    consumer.arrive()
    consumer.takes()
    consumer.arrive()
    consumer.clock.advance(0.2)
    consumer.asks()
    consumer.skips()
    assert longest(consumer) == (200, 200)
    consumer.clock.advance(5.0)
    assert longest(consumer) == (None, None)
