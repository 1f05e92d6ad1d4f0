"""Real servers that take notices in tests: one for HTTP, one for mail."""

from __future__ import annotations

import json
import queue
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests.site import free_port


class Received(NamedTuple):
    """A request, and when its first lines were there, UTC epoch seconds."""

    method: str
    path: str
    headers: Message
    body: bytes
    at: float = 0.0

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class HttpReceiver:
    """Answers with the `answers` in turn, each a status and headers, then with the last one for ever.

    While `hangs` it reads requests and does not answer.
    """

    def __init__(self, port: int | None = None) -> None:
        self.received: list[Received] = []
        self.arrivals: queue.SimpleQueue[Received] = queue.SimpleQueue()
        self.answers: list[tuple[int, dict[str, str]]] = [(200, {})]
        self.hangs = False
        self._may_answer = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self._take()

            def do_GET(self) -> None:
                self._take()

            def _take(self) -> None:
                at = time.time()
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                one = Received(self.command, self.path, self.headers, body, at)
                receiver.received.append(one)
                receiver.arrivals.put(one)
                if receiver.hangs:
                    receiver._may_answer.wait(60)
                    return
                status, headers = receiver.answers[0]
                if len(receiver.answers) > 1:
                    receiver.answers.pop(0)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """The tests say what they expect."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port or free_port()), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def next(self, seconds: float = 10) -> Received:
        return self.arrivals.get(timeout=seconds)

    def stop(self) -> None:
        self._may_answer.set()
        self._server.shutdown()
        self._server.server_close()


class MailServer:
    """Takes mail by SMTP. `refusal` is what it answers to recipients instead of 250."""

    def __init__(self, port: int | None = None) -> None:
        self.mails: list[Message] = []
        self.arrivals: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.refusal = ""
        self.hangs_after_data = False
        self._may_answer = threading.Event()
        server = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say("220 mail.test")
                while line := self.rfile.readline():
                    command = line.split()[0].upper() if line.split() else b""
                    if command == b"DATA":
                        self._take()
                    elif command == b"QUIT":
                        self._say("221 bye")
                        return
                    elif command == b"RCPT" and server.refusal:
                        self._say(server.refusal)
                    else:
                        self._say("250 fine")

            def _take(self) -> None:
                self._say("354 go on")
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line[1:] if line.startswith(b"..") else line)
                mail = message_from_bytes(b"".join(lines))
                server.mails.append(mail)
                server.arrivals.put(mail)
                if server.hangs_after_data:
                    server._may_answer.wait(60)
                    return
                self._say("250 taken")

            def _say(self, text: str) -> None:
                self.wfile.write(text.encode() + b"\r\n")

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        self._server = Server(("127.0.0.1", port or free_port()), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def next(self, seconds: float = 10) -> Message:
        return self.arrivals.get(timeout=seconds)

    def stop(self) -> None:
        self._may_answer.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def http_receiver(port: int | None = None) -> Iterator[HttpReceiver]:
    receiver = HttpReceiver(port)
    try:
        yield receiver
    finally:
        receiver.stop()


@contextmanager
def mail_server(port: int | None = None) -> Iterator[MailServer]:
    server = MailServer(port)
    try:
        yield server
    finally:
        server.stop()
