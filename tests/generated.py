"""A history with days and nights, busy hours, a slow evening, a gap and a restart, for pages to show."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from monitoring.core.stats.fold import NodeSample, fold
from monitoring.core.stats.sample import Gauge, Sample
from monitoring.core.stats.sketch import Sketch
from monitoring.models import Alert, Day, Hour, Marker, Minute, Node, PruneWatermark
from monitoring.models.aggregate import FLEET, Aggregate

NODES = {"web-1:4211": "web-1", "web-2:3874": "web-2"}
DAY = 86_400
READINGS = 12


def generate(
    now: datetime,
    *,
    minutes: timedelta = timedelta(hours=26),
    hours: timedelta = timedelta(days=35),
    days: timedelta = timedelta(days=400),
) -> None:
    """Fills each tier this far back, and adds nodes, alerts and markers of the last day."""
    source = random.Random(4)
    for tier, length in ((Minute, minutes), (Hour, hours), (Day, days)):
        tier.objects.bulk_create(_rows(tier, now, length, source), batch_size=500)
    PruneWatermark.objects.create(tier="minute", pruned_until=Hour.start_of((now - minutes).timestamp()))
    _nodes(now, now - max(minutes, hours, days))
    _alerts(now)
    Marker.objects.create(at=now - timedelta(hours=5, minutes=20), text="release 2.4.1")
    Marker.objects.create(at=now - timedelta(days=3), text="new load balancer")


def _rows(tier: type[Aggregate], now: datetime, length: timedelta, source: random.Random) -> Iterator[Aggregate]:
    end = tier.start_of(now.timestamp())
    for epoch in range(tier.start_of((now - length).timestamp()), end, tier.SECONDS):
        age = (end - epoch) / 3_600
        if tier is Minute and 9.6 < age < 9.9:
            continue
        parts = [NodeSample(node, host, _sample(epoch, tier.SECONDS, age, source)) for node, host in NODES.items()]
        yield from (tier.from_sample(part.node, part.node, part.host, part.sample) for part in parts)
        yield tier.from_sample(FLEET, "", "", fold(parts))


def _sample(epoch: int, seconds: int, age: float, source: random.Random) -> Sample:
    """One node's sample; `age` in hours locates the special hours."""
    daily = 0.55 - 0.45 * math.cos(2 * math.pi * ((epoch % DAY) / DAY - 0.1))
    weekly = 0.75 if (epoch // DAY + 4) % 7 in (0, 6) else 1.0
    load = max(0.05, daily * weekly * source.uniform(0.92, 1.08) * (1.15 if age < 5.33 else 1.0))
    slow = 4.0 if 2.0 < age < 2.6 else 1.0
    clients = round(120 * load)
    latencies = [source.lognormvariate(2.4 + 0.5 * load, 0.45) * slow for _ in range(READINGS)]
    measured = seconds * (0.6 if 7.0 < age < 7.4 else 1.0)
    departures = _departures(epoch, clients * measured / 900)
    return Sample(
        start=float(epoch),
        disconnects=sum(departures.values()),
        breakdowns={"departures": departures, "message_sizes": {"9 /ws/avatar/": round(clients * 2.2 * measured)}},
        seconds=measured,
        end=float(epoch + seconds),
        messages=round(clients * 2.2 * measured),
        bytes_sent=round(clients * 900 * measured),
        connections=_gauge(clients, 0.06, source),
        message_rate=_gauge(clients * 2.2, 0.25, source),
        cpu_percent=_gauge(min(84.0, 12 + 52 * load * (1.35 if slow > 1 else 1)), 0.18, source, most=100),
        memory_percent=_gauge(41 + 6 * load, 0.02, source, most=100),
        network_sent_rate=_gauge(0.011 * clients, 0.3, source),
        network_recv_rate=_gauge(0.004 * clients, 0.3, source),
        latency_ms=_readings(latencies),
        latency_sketch=Sketch.of(latencies),
        fps=_gauge(58.5 - 6 * load, 0.06, source),
    )


def _departures(epoch: int, expected: float) -> dict[str, int]:
    """Who left a node, by cause and path."""
    # Its own source, so that all other values are what they were before.
    source = random.Random(epoch)
    shares = {"client_closed": 0.7, "client_lost": 0.12, "network_changed": 0.08, "application_error": 0.04}
    counts = {
        f"{cause} /ws/avatar/": round(expected * share * source.uniform(0.5, 1.5)) for cause, share in shares.items()
    }
    return {label: count for label, count in counts.items() if count}


def _gauge(value: float, spread: float, source: random.Random, most: float = math.inf) -> Gauge:
    width = spread * source.uniform(0.6, 1.4)
    return Gauge(READINGS, value * READINGS, value * (1 - width), min(most, value * (1 + width)))


def _readings(values: list[float]) -> Gauge:
    return Gauge(len(values), sum(values), min(values), max(values))


def _nodes(now: datetime, since: datetime) -> None:
    restart = now - timedelta(hours=5, minutes=20)
    for number, (node, host) in enumerate(NODES.items()):
        for boot, first, last in (("old", since, restart), ("new", restart + timedelta(seconds=5 * number), now)):
            Node.objects.create(node=node, boot=f"{node}-{boot}", host=host, first_seen=first, last_seen=last)


def _alerts(now: datetime) -> None:
    facts = {"severity": "warning", "node": "web-1:4211", "boot": "web-1:4211-new", "host": "web-1"}
    Alert.objects.create(
        metric="latency_ms", subject="web-1:4211", message="High latency: 131.8ms", value=131.8, peak=188.2,
        threshold=100.0, started_at=now - timedelta(hours=2, minutes=34), ended_at=now - timedelta(hours=2), **facts,
    )  # fmt: skip
    Alert.objects.create(
        metric="cpu_percent", subject="web-1", message="High CPU usage: 84.3%", value=84.3, peak=97.1, threshold=80.0,
        started_at=now - timedelta(minutes=14), **facts,
    )  # fmt: skip
