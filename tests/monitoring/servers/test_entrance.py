import pytest

from monitoring.core.paths import Paths
from monitoring.servers import viewers_socket
from monitoring.servers.entrance import Entrance
from monitoring.servers.viewers_socket import PASSED_KEY


@pytest.fixture
def taken():
    return []


@pytest.fixture
def entrance(taken, monkeypatch):
    def named(name: str):
        async def app(scope, receive, send):
            taken.append((name, scope))

        return app

    monkeypatch.setattr(viewers_socket, "is_viewer", lambda scope: scope["path"] == "/viewers/")
    return Entrance(
        named("watched"),
        untouched=named("untouched"),
        exclude=Paths(["/excluded/", "/both/"]),
        viewers=named("viewers"),
        guarded=named("guarded"),
        guarded_only=named("guarded only"),
        guard=Paths(["/guarded/", "/both/"]),
    )


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/viewers/", "viewers"),
        ("/guarded/", "guarded"),
        ("/excluded/", "untouched"),
        ("/both/", "guarded only"),
        ("/ws/", "watched"),
    ],
)
async def test_each_websocket_goes_where_it_belongs(entrance, taken, path, name):
    scope = {"type": "websocket", "path": path}
    await entrance(scope, None, None)
    assert taken == [(name, scope)]


async def test_paths_are_those_below_the_script_prefix(entrance, taken, settings):
    for path in ("/guarded/", "/excluded/"):
        await entrance({"type": "websocket", "path": f"/app{path}", "root_path": "/app"}, None, None)
    settings.FORCE_SCRIPT_NAME = "/outside"
    await entrance({"type": "websocket", "path": "/outside/guarded/"}, None, None)
    assert [name for name, _ in taken] == ["guarded", "untouched", "guarded"]


async def test_a_request_is_marked_and_goes_to_the_project(entrance, taken):
    scope = {"type": "http", "path": "/viewers/"}
    await entrance(scope, None, None)
    assert taken == [("untouched", {**scope, PASSED_KEY: True})]
    assert PASSED_KEY not in scope


async def test_everything_else_goes_to_the_project(entrance, taken):
    await entrance({"type": "lifespan"}, None, None)
    assert taken == [("untouched", {"type": "lifespan"})]
