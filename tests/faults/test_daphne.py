"""However a node ends: a killed one loses five seconds at most, and coverage says so; a stopped one loses nothing."""

import signal
import time

import pytest

from tests.faults.load import Load
from tests.faults.stack import Stack
from tests.site import eventually

pytestmark = pytest.mark.faults

SLACK = 1.5
"""The second that was being measured, and what this machine needs to start and to kill a process."""


@pytest.fixture
def storing(stack) -> Stack:
    """Whatever nodes hand over is stored."""
    stack.worker()
    stack.beat()
    return stack


def measured(stack: Stack) -> list[tuple[float, float]]:
    """For each boot the seconds that its minutes cover, and those from its first to its last."""
    eventually(stack.drained(), seconds=30, what="all is stored")
    return stack.ask(
        "SELECT SUM(coverage), MAX(ended) - MIN(began) FROM avatar_monitoring_minute WHERE node != '' "
        "GROUP BY boot ORDER BY MIN(began)"
    )


def assert_covered(stack: Stack, lived: float, *, lost: float = 0.0) -> None:
    """The first boot's coverage is its lifetime, less what was lost at its end, without gaps."""
    covered, span = measured(stack)[0]
    assert covered == pytest.approx(span)
    assert lived - lost - SLACK <= covered <= lived + SLACK


def left_on_disk(stack: Stack) -> list[str]:
    return [path.name for path in stack.spill.glob("*.*")]


def test_a_killed_node_loses_five_seconds_at_most(storing):
    daphne = storing.daphne()
    began = time.time()
    with Load(storing):
        time.sleep(13)
        daphne.kill()
        killed = time.time()
    eventually(storing.messages, seconds=30)
    assert_covered(storing, killed - began, lost=5)


def test_a_node_killed_while_redis_is_away_loses_five_seconds_at_most(storing):
    daphne = storing.daphne()
    began = time.time()
    with Load(storing):
        time.sleep(4)
        storing.valkey.stop()
        time.sleep(13)
        daphne.kill()
        killed = time.time()
    assert len(left_on_disk(storing)) == 1
    storing.valkey.start()
    storing.daphne()
    eventually(lambda: left_on_disk(storing) == [], seconds=20, what="what the first one left is appended")
    assert_covered(storing, killed - began, lost=5)


@pytest.mark.parametrize("redis_is_away", [False, True])
def test_a_stopped_node_loses_nothing(storing, redis_is_away):
    daphne = storing.daphne()
    began = time.time()
    with Load(storing) as load:
        time.sleep(7)
        if redis_is_away:
            storing.valkey.stop()
            time.sleep(2)
        sent = load.stop()
    daphne.send_signal(signal.SIGTERM)
    assert daphne.wait(5) == 0
    stopped = time.time()
    if redis_is_away:
        assert len(left_on_disk(storing)) == 1
        storing.valkey.start()
        storing.daphne()
    storing.stores(sent)
    assert_covered(storing, stopped - began)
