import subprocess
import sys
import urllib.request

import pytest

from avatar_site.front.addresses import in_url
from avatar_site.front.listening import listen
from tests.site import ROOT, free_port, needs_ipv6

SCRIPT = """
import sys
from daphne.server import Server
from avatar_site.front import daphne_listener

async def application(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": " ".join((scope["client"][0], scope["server"][0])).encode()})

daphne_listener.install()
Server(application, ["fd:fileno=" + sys.argv[1]]).run()
"""


@pytest.mark.parametrize(
    ("host", "asked_at", "seen"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        pytest.param("::1", "::1", "::1", marks=needs_ipv6),
        pytest.param("::", "127.0.0.1", "::ffff:127.0.0.1", marks=needs_ipv6),
    ],
)
def test_the_addresses_of_an_inherited_socket_are_whole(host, asked_at, seen):
    with listen(host, free_port()) as listener:
        number = str(listener.fileno())
        # daphne installs a reactor, which this process must not have.
        process = subprocess.Popen([sys.executable, "-c", SCRIPT, number], pass_fds=[listener.fileno()], cwd=ROOT)
        try:
            url = f"http://{in_url(asked_at)}:{listener.getsockname()[1]}/"
            assert urllib.request.urlopen(url, timeout=30).read().decode() == f"{seen} {seen}"
        finally:
            process.kill()
            process.wait()
