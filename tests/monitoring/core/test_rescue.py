import logging

import pytest

from monitoring.core.rescue import OnceAMinute, Rescue
from tests.fakes import FakeClock


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def rescue(clock):
    return Rescue(clock)


def fail(rescue: Rescue, what: str = "a tick") -> None:
    with rescue.guarding(what):
        raise RuntimeError("broken")


def test_a_failure_is_counted_and_logged_with_its_traceback(rescue, caplog):
    fail(rescue)
    assert rescue.errors == 1
    assert caplog.records[0].getMessage() == "PerformanceMonitor: a tick failed"
    assert caplog.records[0].exc_info[0] is RuntimeError


def test_the_same_failure_is_logged_once_a_minute(rescue, clock, caplog):
    for _ in range(120):
        fail(rescue)
        clock.advance(1)
    assert rescue.errors == 120
    assert len(caplog.records) == 2


def test_another_failure_is_still_logged(rescue, caplog):
    fail(rescue, "a tick")
    fail(rescue, "a sink")
    assert len(caplog.records) == 2


def test_success_costs_nothing(rescue, caplog):
    with rescue.guarding("a tick"):
        logging.getLogger("test").debug("fine")
    assert rescue.errors == 0


def test_a_cancellation_passes(rescue):
    with pytest.raises(KeyboardInterrupt), rescue.guarding("a tick"):
        raise KeyboardInterrupt
    assert rescue.errors == 0


def test_a_line_of_each_kind_is_due_once_a_minute(clock):
    once = OnceAMinute(clock)
    assert [once.is_due("a"), once.is_due("a"), once.is_due("b")] == [True, False, True]
    clock.advance(59)
    assert not once.is_due("a")
    clock.advance(1)
    assert [once.is_due("a"), once.is_due("a")] == [True, False]
