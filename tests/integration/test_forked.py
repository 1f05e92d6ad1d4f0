"""A server that imports the application once and then forks: each worker is its own node."""

import signal

import pytest

from tests.integration.crowd import crowd, say, stored
from tests.site import APPLICATION, eventually, receive


@pytest.mark.parametrize("worker", ["uvicorn_worker.UvicornWorker", pytest.param("asgi", marks=pytest.mark.deployment)])
def test_gunicorn_that_preloads_counts_every_client_and_message(shared, worker):
    bind = f"127.0.0.1:{shared.port}"
    server = shared.server("-m", "gunicorn", "--preload", "-w", "2", "-k", worker, "-b", bind, APPLICATION)
    cookie = shared.sign_in()
    with crowd(shared, 12) as avatars:
        say(avatars, 5)
        say(avatars[:1], 1)
        with shared.viewer(cookie) as viewer:
            frame = eventually(lambda: whole(receive(viewer, "metrics")), seconds=20, what="12 clients of two nodes")
        assert len({node["node"] for node in frame["nodes"]}) == 2
        assert len({node["boot"] for node in frame["nodes"]}) == 2
        assert frame["server"]["total_messages"] == 61
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0, shared.logs()
    assert stored(shared) == (2, 12, 61), shared.logs()


def whole(frame: dict) -> dict | None:
    return frame if (len(frame["nodes"]), len(frame["clients"])) == (2, 12) else None
