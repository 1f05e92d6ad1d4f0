import http.server
import threading

import pytest

from avatar_site.front.listening import listen
from avatar_site.supervisor.embedded_valkey import EmbeddedValkey
from avatar_site.supervisor.processes import SiteProcesses, answers, stages
from tests.site import free_port, needs_ipv6


@pytest.fixture
def listener():
    with listen("127.0.0.1", free_port()) as listener:
        yield listener


def names(site: SiteProcesses) -> list[list[str]]:
    return [[process.name for process in stage] for stage in stages(site)]


def test_servers_come_before_those_that_need_them(listener):
    site = SiteProcesses(listener, {}, workers=2, demo=5)
    assert names(site) == [["web-1", "web-2"], ["worker", "beat"], ["demo"]]


def test_worker_and_beat_may_run_elsewhere(listener):
    assert names(SiteProcesses(listener, {}, worker=False, beat=False)) == [["web"]]
    assert names(SiteProcesses(listener, {}, beat=False)) == [["web"], ["worker"]]


def test_a_site_runs_the_valkey_or_stands_by_for_that_of_another_one(listener, tmp_path):
    first, second = EmbeddedValkey(tmp_path), EmbeddedValkey(tmp_path)
    assert first.acquire()
    assert not second.acquire()
    runs, stands_by = (stages(SiteProcesses(listener, {}, valkey))[0][0].command for valkey in (first, second))
    first.release()
    assert (runs, stands_by) == (first.command, second.standby)


def test_servers_inherit_the_listener_and_run_the_application(listener):
    [[web]] = stages(SiteProcesses(listener, {"NAME": "value"}, application="some.asgi:app", worker=False, beat=False))
    assert web.inherited == (listener.fileno(),)
    assert web.command[-1] == "some.asgi:app"
    assert web.environment["NAME"] == "value"


def test_a_site_on_every_address_is_asked_at_the_local_one():
    with listen("0.0.0.0", free_port()) as listener:
        assert SiteProcesses(listener, {}).address == ("127.0.0.1", listener.getsockname()[1])


@needs_ipv6
def test_demo_avatars_connect_to_an_ipv6_address_in_brackets():
    with listen("::1", free_port()) as listener:
        site = SiteProcesses(listener, {}, worker=False, beat=False, demo=3)
        _, [demo] = stages(site)
        assert demo.command[-1] == f"ws://[::1]:{site.address[1]}/ws/avatar/"


class Answer(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        self.send_response(self.status)
        self.end_headers()

    def version_string(self):
        return "web-1"

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield server.server_address
        server.shutdown()


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (301, True), (400, True), (500, False), (503, False)])
def test_a_server_is_healthy_unless_it_fails(server, monkeypatch, status, healthy):
    monkeypatch.setattr(Answer, "status", status)
    assert answers(server, "web-1") is healthy


def test_the_health_of_another_server_on_the_socket_does_not_count(server):
    assert not answers(server, "web-2")


def test_nobody_there_is_not_healthy():
    assert not answers(("127.0.0.1", free_port()), "web-1")
