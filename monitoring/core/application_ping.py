"""Round trips by a message that the client answers, for servers that do not report the answers to WebSocket pings."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from monitoring.core.asgi_types import Message, Receive, Send
from monitoring.core.heartbeat import LOST_SECONDS
from monitoring.core.rescue import Rescue

LONGEST_ANSWER = 1024
"""Longer messages are not parsed: a project's own may have megabytes."""

LONGEST_WAIT = 0.001
"""How long an answer may have waited here for the consumer, in seconds, and still tell something of the network."""


class ApplicationPing(Protocol):
    """How a project's clients are asked, and how they answer. A token is a short ASCII text."""

    def message(self, token: str) -> str | bytes:
        """The message that asks a client to send this token back: text or binary."""

    def token(self, message: str | bytes) -> str | None:
        """The token in an answer, None for every other message. It is called only while an answer is awaited."""


class JsonPing:
    """Asks with a JSON object, such as `{"type": "ping", "id": TOKEN}`, and takes `{"type": "pong", "id": TOKEN}`.

    `ask` and `answer` are those objects without the token, and `key` is where the token stands in both.
    """

    def __init__(
        self,
        ask: Mapping[str, Any] = {"type": "ping"},
        answer: Mapping[str, Any] = {"type": "pong"},
        key: str = "id",
    ) -> None:
        self._ask, self._answer, self._key = dict(ask), dict(answer), key

    def message(self, token: str) -> str:
        return json.dumps({**self._ask, self._key: token})

    def token(self, message: str | bytes) -> str | None:
        if len(message) > LONGEST_ANSWER:
            return None
        try:
            found = json.loads(message)
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or not self._answer.items() <= found.items():
            return None
        token = found.get(self._key)
        return token if isinstance(token, str) else None


class AskedClient:
    """One client that is asked by messages. Its answers are not passed to the consumer, and count nowhere else."""

    def __init__(self, ping: ApplicationPing, send: Send, rescue: Rescue) -> None:
        self.on_round_trip: Callable[[float], None] = lambda _: None
        self.on_answer: Callable[[], None] = lambda: None  # told of each message that is not passed on
        self._ping = ping
        self._send = send
        self._rescue = rescue
        # Nobody else's tokens begin so: the consumer's own pings and their answers stay its own.
        self._mark = secrets.token_hex(6)
        self._sent = 0
        self._asked_at: float | None = None
        self._busy_since = self._waited = 0.0
        self._sending: asyncio.Task[None] | None = None

    def ping(self) -> None:
        """Asks without waiting, unless an answer is awaited or the last question could not be sent yet."""
        now = time.perf_counter()
        if self._sending is not None and not self._sending.done():
            return
        if self._asked_at is not None and now - self._asked_at < LOST_SECONDS:
            return
        self._sent += 1
        message = self._ping.message(f"{self._mark}-{self._sent}")
        kind = "text" if isinstance(message, str) else "bytes"
        self._asked_at, self._waited = now, 0.0
        self._sending = asyncio.ensure_future(self._ask({"type": "websocket.send", kind: message}))

    async def _ask(self, message: Message) -> None:
        try:
            await self._send(message)
        except Exception:
            # The client has left: its disconnect is the next thing to arrive.
            self._asked_at = None

    def stop(self) -> None:
        if self._sending is not None:
            self._sending.cancel()

    def receiving(self, receive: Receive) -> Receive:
        """The connection's `receive` without answers."""

        async def without_answers() -> Message:
            self._note_wait()
            while True:
                message = await receive()
                if self._asked_at is None or message["type"] != "websocket.receive" or not self._is_answer(message):
                    self._busy_since = time.perf_counter()
                    return message
                self.on_answer()

        return without_answers

    def _note_wait(self) -> None:
        """The consumer takes its next message: an answer may have waited while it was busy with the last one."""
        if self._asked_at is not None:
            self._waited += time.perf_counter() - max(self._busy_since, self._asked_at)

    def _is_answer(self, message: Message) -> bool:
        text = message.get("text")
        payload = message.get("bytes") or b"" if text is None else text
        try:
            token = self._ping.token(payload)
        except Exception:
            self._rescue.failed("reading an answer to a ping")
            return False
        if token is None or not token.startswith(self._mark):
            return False
        if self._asked_at is not None and token == f"{self._mark}-{self._sent}":
            passed = time.perf_counter() - self._asked_at
            self._asked_at = None
            if self._waited < max(LONGEST_WAIT, passed / 10):
                self.on_round_trip(passed * 1000)
        return True
