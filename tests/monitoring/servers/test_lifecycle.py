import asyncio

import pytest

from monitoring.servers import daphne
from monitoring.servers.lifecycle import Lifecycle, Served
from tests.waiting import settled


class Part:
    """Writes down when it started and stopped."""

    def __init__(self, name: str, diary: list[str], *, broken: bool = False) -> None:
        self.name = name
        self.diary = diary
        self.broken = broken

    async def start(self) -> None:
        self._do("start")

    async def stop(self) -> None:
        self._do("stop")

    def _do(self, what: str) -> None:
        if self.broken:
            raise RuntimeError("broken")
        self.diary.append(f"{what} {self.name}")


@pytest.fixture(autouse=True)
def not_daphne(monkeypatch):
    monkeypatch.setattr(daphne, "is_loaded", lambda: False)


@pytest.fixture
def diary():
    return []


@pytest.fixture
def lifecycle(diary):
    async def app(scope, receive, send):
        diary.append(scope["type"])

    return Lifecycle(lambda: Served(app, [Part("a", diary), Part("b", diary)]))


async def test_parts_start_in_order_and_stop_in_reverse_order(lifecycle, diary):
    await lifecycle.start()
    await lifecycle.stop()
    assert diary == ["start a", "start b", "stop b", "stop a"]


async def test_starting_or_stopping_twice_is_the_same_as_once(lifecycle, diary):
    await lifecycle.stop()
    for _ in range(2):
        await lifecycle.start()
    for _ in range(2):
        await lifecycle.stop()
    assert len(diary) == 4


async def test_what_was_stopped_and_started_at_once_keeps_running(lifecycle, diary):
    for step in (lifecycle.start, lifecycle.stop, lifecycle.start):
        await step()
    await settled()
    assert diary == ["start a", "start b", "stop b", "stop a", "start a", "start b"]


async def test_a_request_after_the_stop_starts_nothing_again(lifecycle, diary):
    await lifecycle.start()
    await lifecycle.stop()
    await lifecycle({"type": "http"}, None, None)
    assert diary == ["start a", "start b", "stop b", "stop a", "http"]
    await lifecycle.start()
    assert diary[-2:] == ["start a", "start b"]


async def test_a_failing_part_does_not_keep_the_others_from_starting_or_stopping(diary):
    lifecycle = Lifecycle(lambda: Served(None, [Part("a", diary), Part("x", diary, broken=True), Part("b", diary)]))
    await lifecycle.start()
    await lifecycle.stop()
    assert diary == ["start a", "start b", "stop b", "stop a"]


async def test_lifespan_triggers_start_and_stop(lifecycle, diary):
    events = iter(["lifespan.startup", "lifespan.shutdown"])
    sent = []

    async def receive():
        return {"type": next(events)}

    async def send(message):
        sent.append(message["type"])
        diary.append(message["type"])

    await lifecycle({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert diary.index("start b") < diary.index("lifespan.startup.complete")
    assert diary.index("stop a") < diary.index("lifespan.shutdown.complete")


def test_without_lifespan_they_stop_when_the_event_loop_ends(lifecycle, diary):
    asyncio.run(lifecycle({"type": "http"}, None, None))
    assert diary == ["start a", "start b", "http", "stop b", "stop a"]


async def test_a_test_that_calls_the_application_starts_nothing(lifecycle, diary):
    await lifecycle({"type": "http"}, None, asyncio.Queue().put)
    assert diary == ["http"]


async def test_the_application_gets_the_lifespan_too(diary):
    async def app(scope, receive, send):
        await receive()
        diary.append("application")

    messages = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive():
        return {"type": next(messages)}

    async def send(message): ...

    await Lifecycle(lambda: Served(app, [Part("a", diary)]))({"type": "lifespan"}, receive, send)
    assert diary == ["start a", "application", "stop a"]


async def test_a_server_without_lifespan_starts_them_with_its_first_request(lifecycle, diary):
    for _ in range(2):
        await lifecycle({"type": "http"}, None, None)
    assert diary == ["start a", "start b", "http", "http"]


def test_under_daphne_its_reactor_triggers_start_and_stop(monkeypatch):
    installed = []
    monkeypatch.setattr(daphne, "is_loaded", lambda: True)
    monkeypatch.setattr(daphne, "install", lambda start, stop: installed.append((start, stop)))
    lifecycle = Lifecycle(lambda: Served(None, []))
    assert installed == [(lifecycle.start, lifecycle.stop)]


async def test_parts_built_before_a_fork_are_built_again_after_it(monkeypatch):
    diary, built = [], []

    def build() -> Served:
        built.append(len(built))
        return Served(None, [Part(f"part{len(built)}", diary)])

    lifecycle = Lifecycle(build)
    await lifecycle.start()
    await lifecycle.start()
    monkeypatch.setattr("monitoring.servers.lifecycle.forks", lambda: 99)
    await lifecycle.start()
    assert len(built) == 2
    assert len(diary) == 2


async def test_a_first_request_that_is_cancelled_still_starts_everything(diary):
    class Slow(Part):
        async def start(self) -> None:
            await asyncio.sleep(0)
            self._do("start")

    async def app(scope, receive, send): ...

    lifecycle = Lifecycle(lambda: Served(app, [Slow("a", diary), Slow("b", diary)]))
    request = asyncio.create_task(lifecycle({"type": "http"}, None, None))
    await asyncio.sleep(0)
    request.cancel()
    await settled()
    assert diary == ["start a", "start b"]
    await lifecycle.stop()
