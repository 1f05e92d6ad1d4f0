"""Avatars that count what they say, and what is known about them afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from websockets.sync.client import ClientConnection

from tests.site import Site, eventually, receive

STORE = (
    "from monitoring.tasks import store_snapshots; store_snapshots()\n"
    "from django.db.models import Sum\n"
    "from monitoring.models import ClientSession, Minute, Node\n"
    "messages = Minute.objects.of_each_node().aggregate(Sum('messages'))['messages__sum']\n"
    "print(Node.objects.count(), ClientSession.objects.count(), messages)"
)


@contextmanager
def crowd(site: Site, size: int, port: int | None = None, name: str = "avatar") -> Iterator[list[ClientConnection]]:
    with ExitStack() as stack:
        avatars = [stack.enter_context(site.avatar(f"client_id={name}-{number}", port)) for number in range(size)]
        for avatar in avatars:
            receive(avatar, "welcome")
        yield avatars


def say(avatars: list[ClientConnection], times: int) -> None:
    """Each sends this many messages, and an answer to the last one proves that all were handled."""
    for avatar in avatars:
        for _ in range(times - 1):
            avatar.send(json.dumps({"type": "telemetry", "fps": 60, "frame_time_ms": 16}))
        avatar.send(json.dumps({"type": "ping", "t": 1}))
    for avatar in avatars:
        receive(avatar, "pong")


def stored(site: Site) -> tuple[int, ...]:
    """How many nodes, sessions and messages the database has once everything that waited is stored."""
    return tuple(int(number) for number in site.shell(STORE).split())


def seen(viewer: ClientConnection, wanted: Callable[[dict], dict | None], what: str, site: Site) -> dict:
    """The first frame that satisfies the condition."""
    last: dict = {}

    def look() -> dict | None:
        last.update(receive(viewer, "metrics"))
        return wanted(last)

    return eventually(look, seconds=20, what=lambda: f"{what}; last was {last}\n{site.logs()}")
