"""Servers that are killed, stopped and started again: for people they are the same nodes as before."""

import json
import signal
import socket

import pytest

from tests.integration.crowd import crowd, say, seen, stored
from tests.site import free_port

NODES = """
import json
from monitoring.models import Node
print(json.dumps([Node.objects.names(), Node.objects.named(Node.objects.names()[0]).count()]))
"""


@pytest.mark.deployment
def test_two_servers_that_restart_again_and_again_are_two_nodes(shared):
    ports = [shared.port, free_port()]
    names = [f"{socket.gethostname()}:{number}" for number in (1, 2)]
    servers = [shared.daphne(port) for port in ports]
    for ending in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
        with crowd(shared, 1, ports[0], "here") as some, crowd(shared, 1, ports[1], "there") as others:
            say([*some, *others], 2)
        servers[0].send_signal(ending)
        servers[0].wait(20)
        servers[0] = shared.daphne(ports[0])
    with crowd(shared, 1, ports[0], "here") as some, crowd(shared, 1, ports[1], "there") as others:
        with shared.viewer(shared.sign_in(), ports[1]) as viewer:
            seen(viewer, lambda frame: sorted(node["node"] for node in frame["nodes"]) == names, f"{names}", shared)
        say([*some, *others], 2)
    for server in servers:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
    stored(shared)
    found, starts = json.loads(shared.shell(NODES))
    assert found == names, shared.logs()
    assert starts >= 2  # those killed before their first batch are unknown
