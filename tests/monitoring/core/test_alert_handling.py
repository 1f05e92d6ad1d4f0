import asyncio
import threading

from monitoring.core import alert_handling as module
from monitoring.core.alert_handling import Handling
from monitoring.core.rescue import Rescue
from tests.waiting import until


class Handler:
    def __init__(self, call) -> None:
        self.handle_alert = call


def test_without_an_event_loop_a_plain_function_is_called_at_once():
    handled = []
    Handling(Rescue()).call(Handler(handled.append), {"metric": "x"})
    assert handled == [{"metric": "x"}]


async def test_a_plain_function_that_blocks_holds_up_nothing():
    let_go, handled, handling = threading.Event(), [], Handling(Rescue())

    def slow(alert):
        let_go.wait(10)
        handled.append(alert["metric"])

    for metric in "abc":
        handling.call(Handler(slow), {"metric": metric})
    assert handled == []
    let_go.set()
    await until(lambda: handled == ["a", "b", "c"])


async def test_alerts_beyond_a_hundred_that_wait_are_counted_and_not_handed_over():
    let_go, handled, rescue = threading.Event(), [], Rescue()
    handling = Handling(rescue)

    def slow(alert):
        let_go.wait(10)
        handled.append(alert)

    for _ in range(module.MOST_WAITING + 5):
        handling.call(Handler(slow), {})
    assert rescue.errors in (4, 5)
    let_go.set()
    await until(lambda: len(handled) == module.MOST_WAITING + 5 - rescue.errors)


async def test_a_coroutine_is_cancelled_when_its_time_is_over(monkeypatch):
    monkeypatch.setattr(module, "MOST_SECONDS", 0.01)
    rescue, cancelled = Rescue(), []

    async def hangs(alert):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(alert)
            raise

    Handling(rescue).call(Handler(hangs), {})
    await until(lambda: rescue.errors == 1)
    assert cancelled == [{}]


async def test_a_plain_function_may_return_a_coroutine_for_the_loop():
    handled = []

    async def later(alert):
        handled.append((alert, threading.current_thread() is threading.main_thread()))

    Handling(Rescue()).call(Handler(lambda alert: later(alert)), {"a": 1})
    await until(lambda: handled == [({"a": 1}, True)])
