import asyncio

import pytest

from monitoring.core.client_names import Client
from monitoring.core.connection import Connection
from monitoring.core.identification import Identification
from monitoring.core.rescue import Rescue

SCOPE = {"type": "websocket", "path": "/ws/", "query_string": b"client_id=ada"}


class NeedsThreadError(Exception):
    pass


@pytest.fixture
def named(collector):
    """What a connection is called after this function was asked."""

    async def name(ask, **options) -> Connection:
        connection = Connection(SCOPE, collector)
        connection.accepted()
        task = Identification(ask, collector.rescue, **options).begin(SCOPE, connection)
        if task is not None:
            await task
        return connection

    return name


async def test_a_plain_function_answers_at_once(collector):
    connection = Connection(SCOPE, collector)
    assert Identification(lambda scope: Client("ann", room=scope["path"]), Rescue()).begin(SCOPE, connection) is None
    assert (connection.client_id, connection.room) == ("ann", "/ws/")


async def test_a_coroutine_function_answers_beside_the_application(collector):
    answer: asyncio.Future = asyncio.get_running_loop().create_future()

    async def ask(_scope):
        return await answer

    connection = Connection(SCOPE, collector)
    task = Identification(ask, Rescue()).begin(SCOPE, connection)
    connection.accepted()
    assert connection.client_id == "ada"
    answer.set_result("ann")
    await task
    assert list(collector.client_metrics) == ["ann"]


async def test_none_leaves_the_id_of_the_url(named):
    assert (await named(lambda _: None)).client_id == "ada"


@pytest.mark.parametrize("answer", [object(), "a/b", b"ann", {"id": "ann"}])
async def test_a_bad_answer_is_counted_logged_and_costs_the_id(named, collector, caplog, answer):
    assert len((await named(lambda _: answer)).client_id) == 12
    assert collector.rescue.errors == 1
    assert "identify gave what cannot be taken: id=" in caplog.text


async def test_a_bad_user_does_not_cost_the_id(named, collector):
    connection = await named(lambda _: Client(user=object()))
    assert (connection.client_id, connection.user, collector.rescue.errors) == ("ada", None, 1)


async def test_a_plain_function_cannot_cancel_the_connection(named, collector):
    def cancelled(_scope):
        raise asyncio.CancelledError

    assert len((await named(cancelled)).client_id) == 12
    assert collector.rescue.errors == 1


async def test_exceptions_are_counted_and_logged_once(named, collector, caplog):
    def broken(_scope):
        raise KeyError("user")

    async def broken_later(_scope):
        raise TimeoutError("of its own")

    for ask in (broken, broken_later):
        assert len((await named(ask)).client_id) == 12
    assert collector.rescue.errors == 2
    assert caplog.text.count("identify failed") == 1


async def test_an_answer_that_does_not_come_in_time_is_none(named, collector, caplog):
    async def never(_scope):
        await asyncio.Event().wait()

    assert len((await named(never, longest=0.01)).client_id) == 12
    assert collector.rescue.errors == 1
    assert "gave no answer within 0.01 s" in caplog.text


async def test_a_plain_function_that_needs_a_thread_gets_one_from_then_on(collector):
    calls = []

    def ask(_scope):
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            calls.append("thread")
            return "ann"
        calls.append("loop")
        raise NeedsThreadError

    identification = Identification(ask, collector.rescue, needs_thread=NeedsThreadError)
    for _ in range(2):
        connection = Connection(SCOPE, collector)
        await identification.begin(SCOPE, connection)
        assert connection.client_id == "ann"
    assert (calls, collector.rescue.errors) == (["loop", "thread", "thread"], 0)


async def test_the_application_gets_its_own_scope(collector):
    def ask(scope):
        scope["user"] = "changed"

    scope = dict(SCOPE)
    Identification(ask, collector.rescue).begin(scope, Connection(scope, collector))
    assert "user" not in scope
