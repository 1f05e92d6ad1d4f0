import socket
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from monitoring.alerting.channels import http_call
from monitoring.alerting.channels.http_call import CallFailedError, as_answer, call
from tests.receivers import HttpReceiver
from tests.site import free_port


def test_the_answer_to_a_get_and_to_a_post(receiver: HttpReceiver):
    assert call(f"{receiver.url}/a?b=c").status == 200
    call(receiver.url, b"body", {"X-Some": "thing"})
    get, post = receiver.received
    assert (get.method, get.path) == ("GET", "/a?b=c")
    assert (post.method, post.body, post.headers["X-Some"]) == ("POST", b"body", "thing")


def test_a_user_and_password_in_the_address_go_into_a_header(receiver):
    call(receiver.url.replace("://", "://ann:p%40ss@"))
    assert receiver.received[0].headers["Authorization"] == f"Basic {b64encode(b'ann:p@ss').decode()}"


def test_redirects_are_not_followed(receiver):
    receiver.answers = [(302, {"Location": f"{receiver.url}/elsewhere"})]
    answer = as_answer(receiver.url, b"{}", {})
    assert (answer.is_sent, answer.is_permanent) == (False, False)
    assert answer.text == "302 Found: it sends us to another address, where notices do not follow"
    assert len(receiver.received) == 1


def test_a_port_where_nobody_listens():
    with pytest.raises(CallFailedError, match=r"^Connection refused$"):
        call(f"http://127.0.0.1:{free_port()}/secret")


def test_a_host_that_does_not_exist():
    with pytest.raises(CallFailedError, match=r"^the name of its host is not known$"):
        call("http://no-such-host.invalid/secret")


def test_one_that_answers_nothing_is_broken_off(receiver):
    receiver.hangs = True
    with pytest.raises(CallFailedError, match=r"^no answer"):
        call(receiver.url, seconds=0.3)


@contextmanager
def dripping(bytes_: bytes) -> Iterator[int]:
    """A port where a server answers these, one byte at a time."""
    listener = socket.create_server(("127.0.0.1", 0))
    is_over = threading.Event()

    def drip() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(1_000)
            for byte in bytes_:
                try:
                    peer.send(bytes([byte]))
                except OSError:
                    return
                if is_over.wait(0.02):
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    yield listener.getsockname()[1]
    is_over.set()
    thread.join()
    listener.close()


HEADERS = b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000
HANDSHAKE = b"\x16\x03\x03\x40\x00" + b"\0" * 10_000


@pytest.mark.parametrize(("scheme", "slowly"), [("http", HEADERS), ("https", HANDSHAKE)])
def test_one_that_answers_a_byte_at_a_time_is_broken_off_too(scheme, slowly):
    with dripping(slowly) as port:
        began = time.monotonic()
        with pytest.raises(CallFailedError, match=r"^no answer within 0.5 s$"):
            call(f"{scheme}://127.0.0.1:{port}", seconds=0.5)
        assert time.monotonic() - began < 20


def test_what_was_taken_counts_as_sent_however_slowly_the_rest_of_the_answer_comes():
    with dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"x" * 9_999) as port:
        answer = as_answer(f"http://127.0.0.1:{port}", b"{}", {}, seconds=2.5)
    assert answer == (True, "200 OK", False, None)


def test_what_was_taken_counts_as_sent_though_the_connection_dies_in_the_body():
    with dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nxxx") as port:
        assert as_answer(f"http://127.0.0.1:{port}", b"{}", {}).is_sent


@pytest.mark.parametrize(("text", "seconds"), [("120", 120), ("soon", None), ("-5", None)])
def test_when_it_wants_to_be_called_again(receiver, text, seconds):
    receiver.answers = [(503, {"Retry-After": text})]
    assert call(receiver.url).retry_after == seconds


def test_a_time_that_is_over_when_the_handshake_begins_is_told_as_such(monkeypatch):
    class Over(http_call._Guard):
        def watch(self, one):
            self.is_over = True
            super().watch(one)

    monkeypatch.setattr(http_call, "_Guard", Over)
    with dripping(HANDSHAKE) as port, pytest.raises(CallFailedError, match=r"^no answer within 10 s$"):
        call(f"https://127.0.0.1:{port}")
