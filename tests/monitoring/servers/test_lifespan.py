import pytest

from monitoring.servers.lifespan import Lifespan

STARTUP, SHUTDOWN = {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}


class Server:
    """Writes down what the parts, the application and the server are told, in order."""

    def __init__(self) -> None:
        self.diary = []
        self.messages = [STARTUP, SHUTDOWN]

    async def run(self, app, scope=None) -> None:
        async def receive():
            return self.messages.pop(0)

        async def send(message):
            self.diary.append(message["type"].removeprefix("lifespan."))

        await Lifespan(self.start, self.stop, receive, send).run(app, scope or {"type": "lifespan"})

    async def start(self) -> None:
        self.diary.append("parts start")

    async def stop(self) -> None:
        self.diary.append("parts stop")


ALONE = ["parts start", "startup.complete", "parts stop", "shutdown.complete"]


@pytest.fixture
def server():
    return Server()


async def test_the_application_starts_up_after_the_parts_and_shuts_down_before_them(server):
    async def app(scope, receive, send):
        scope["state"]["pool"] = "ready"
        for step in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{step}"
            server.diary.append(f"application {step}")
            await send({"type": f"lifespan.{step}.complete"})

    state = {}
    await server.run(app, {"type": "lifespan", "state": state})
    assert server.diary == [
        "parts start", "application startup", "startup.complete",
        "application shutdown", "parts stop", "shutdown.complete",
    ]  # fmt: skip
    assert state == {"pool": "ready"}


async def raises(scope, receive, send):
    raise ValueError("Django can only handle ASGI/HTTP connections, not lifespan.")


async def returns(scope, receive, send): ...


async def returns_unanswered(scope, receive, send):
    await receive()


async def leaves_after_its_startup(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})


@pytest.mark.parametrize("app", [raises, returns, returns_unanswered, leaves_after_its_startup])
async def test_the_server_is_answered_for_an_application_that_does_not(server, app):
    await server.run(app)
    assert server.diary == ALONE


async def test_what_an_application_raises_in_its_startup_reaches_the_server(server):
    async def app(scope, receive, send):
        await receive()
        raise ConnectionError("no database")

    with pytest.raises(ConnectionError, match="no database"):
        await server.run(app)
    assert server.diary == ["parts start"]


async def test_a_failed_startup_is_passed_on_and_stops_the_parts(server):
    async def app(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    await server.run(app)
    assert server.diary == ["parts start", "parts stop", "startup.failed"]


async def test_a_failed_shutdown_is_passed_on_after_the_parts_have_stopped(server):
    async def app(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.failed", "message": "no database"})

    await server.run(app)
    assert server.diary[-2:] == ["parts stop", "shutdown.failed"]
