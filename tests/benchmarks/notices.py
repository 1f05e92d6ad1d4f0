"""The time from the moment at which an alert fires on a server until a webhook receives the first byte of a notice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import datetime

from websockets.asyncio.client import ClientConnection, connect

from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row, at_most
from tests.benchmarks.server import Server
from tests.receivers import HttpReceiver, http_receiver

KEY = "notice_p99_s"
BREACHES, FEWER_BREACHES = 200, 30
WARM_UP = 5
PAUSES = 0.5, 1.5
"""Between two breaches, so that they fall anywhere in a second."""

ARRIVAL_SECONDS = 90.0
PREPARE = """
from django.db import transaction
from monitoring.alerting import live_state
from monitoring.alerting.encryption import encrypted
from monitoring.models import AlertChannel, AlertRule
AlertChannel.objects.create(
    name="bench", kind="webhook", target=encrypted({url!r}), secret=encrypted("s" * 20), matchers={{"rule": "bench_*"}}
)
with transaction.atomic():
    AlertRule.objects.bulk_create(
        AlertRule(name=f"bench_{{number}}", metric="connections", scope="node", threshold=number + 0.5,
                  exit_threshold=number + 0.5, for_seconds=0, severity="warning")
        for number in range({breaches})
    )
    live_state.publish_on_commit()
"""
CLEAN_UP = """
from monitoring.models import AlertChannel, AlertRule
AlertChannel.objects.filter(name="bench").delete()
AlertRule.objects.filter(name__startswith="bench_").delete()
"""


def breach_to_webhook(arena: Arena) -> Iterator[Row]:
    """Each client that connects makes one more rule fire, about which the webhook was not told yet."""
    breaches = WARM_UP + int(arena.choose(BREACHES, FEWER_BREACHES))
    with http_receiver() as receiver, arena.whole_site(1) as server:
        arena.site.shell(PREPARE.format(url=receiver.url, breaches=breaches))
        try:
            seconds = asyncio.run(_measured(server, receiver, breaches))[WARM_UP:]
        finally:
            arena.site.shell(CLEAN_UP)
    seconds.sort()
    p50, p99 = seconds[len(seconds) // 2], seconds[min(len(seconds) - 1, len(seconds) * 99 // 100)]
    yield Row(
        KEY,
        f"from an alert that fires on a server to the first byte at a webhook, p99 of {len(seconds)}",
        p99,
        "s",
        at_most(2),
        {"p50": f"{p50:.2f} s", "p99": f"{p99:.2f} s", "longest": f"{seconds[-1]:.2f} s"},
    )


async def _measured(server: Server, receiver: HttpReceiver, breaches: int) -> list[float]:
    """Seconds for each breach, in their order."""
    chance = random.Random(14)
    clients: list[ClientConnection] = []
    try:
        for number in range(breaches):
            url = f"ws://127.0.0.1:{server.port}/ws/avatar/?client_id=bench-{number}"
            clients.append(await connect(url, open_timeout=ARRIVAL_SECONDS))
            if number < WARM_UP:
                await asyncio.to_thread(receiver.next, ARRIVAL_SECONDS)
            else:
                await asyncio.sleep(chance.uniform(*PAUSES))
        for _ in range(WARM_UP, breaches):
            await asyncio.to_thread(receiver.next, ARRIVAL_SECONDS)
    finally:
        await asyncio.gather(*(client.close() for client in clients), return_exceptions=True)
    fired = {one.json["rule"]: one.at - _since(one.json) for one in receiver.received if one.json["kind"] == "firing"}
    return [fired[f"bench_{number}"] for number in range(breaches)]


def _since(notice: dict[str, list[dict[str, str]]]) -> float:
    (alert,) = notice["alerts"]
    return datetime.fromisoformat(alert["since"]).timestamp()
