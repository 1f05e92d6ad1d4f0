"""The site under a real daphne that speaks TLS itself: nothing may reach the socket past the encryption."""

import json
import ssl
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.certificates import make_certificate
from tests.site import APPLICATION, receive
from tests.tls import tls_socket

AVATARS = 10
"""Two of them are pinged each second."""


@pytest.fixture
def certificate(tmp_path) -> tuple[Path, Path]:
    """A key and a self-signed certificate."""
    return make_certificate(tmp_path, "localhost")


def test_pings_and_frames_pass_through_tls(site, certificate):
    key, own = certificate
    endpoint = f"ssl:{site.port}:interface=127.0.0.1:privateKey={key}:certKey={own}"
    site.server("-m", "daphne", "-e", endpoint, APPLICATION)
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with ExitStack() as stack:
        url = f"ws://127.0.0.1:{site.port}/ws/avatar/"
        sockets = [tls_socket("127.0.0.1", site.port, trusting) for _ in range(AVATARS)]
        avatars = [stack.enter_context(connect(url, sock=sock)) for sock in sockets]
        for avatar in avatars:
            receive(avatar, "welcome")
        avatars[0].send('{"type":"subscribe","channel":"metrics"}')
        time.sleep(2.5)
        for avatar in avatars:
            avatar.send(json.dumps({"type": "ping", "t": 1}))
            assert receive(avatar, "pong")["t"] == 1
        frames = [receive(avatars[0], "metrics") for _ in range(2)]
    assert frames[-1]["server"]["p50_latency_ms"] is not None
