"""Texts of the pure core and of history, which know no languages: here `make messages` finds them for the pages."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop

METRIC_LABELS: Final = (
    gettext_noop("Bytes received"),
    gettext_noop("Bytes sent"),
    gettext_noop("CPU"),
    gettext_noop("Client frame rate"),
    gettext_noop("Client frame time"),
    gettext_noop("Client frame time, 50th percentile"),
    gettext_noop("Client frame time, 95th percentile"),
    gettext_noop("Client frame time, 99th percentile"),
    gettext_noop("Clients"),
    gettext_noop("Clients of a node that vanished"),
    gettext_noop("Clock skew"),
    gettext_noop("Connections closed"),
    gettext_noop("Connections opened"),
    gettext_noop("Coverage"),
    gettext_noop("Departures: application closed"),
    gettext_noop("Departures: application error"),
    gettext_noop("Departures: client closed"),
    gettext_noop("Departures: client lost"),
    gettext_noop("Departures: disconnected"),
    gettext_noop("Departures: network changed"),
    gettext_noop("Departures: not allowed"),
    gettext_noop("Departures: proxy timeout"),
    gettext_noop("Departures: refused"),
    gettext_noop("Departures: replaced"),
    gettext_noop("Departures: server killed"),
    gettext_noop("Departures: server stopped"),
    gettext_noop("Departures: slow reader"),
    gettext_noop("Departures: unknown"),
    gettext_noop("Event loop lag"),
    gettext_noop("Journal lag"),
    gettext_noop("Latency"),
    gettext_noop("Latency of a client, average"),
    gettext_noop("Latency, 50th percentile"),
    gettext_noop("Latency, 95th percentile"),
    gettext_noop("Latency, 99th percentile"),
    gettext_noop("Memory"),
    gettext_noop("Memory used"),
    gettext_noop("Messages"),
    gettext_noop("Messages sent"),
    gettext_noop("Network received"),
    gettext_noop("Network sent"),
    gettext_noop("Redis memory, if history may be deleted"),
    gettext_noop("Share of clients of which nothing is known"),
    gettext_noop("Share of clients that a busy server delays"),
    gettext_noop("Share of clients that are fine"),
    gettext_noop("Share of clients that do not read"),
    gettext_noop("Share of clients whose page is busy"),
    gettext_noop("Share of clients with a hidden tab"),
    gettext_noop("Share of clients with a slow handler"),
    gettext_noop("Share of clients with a slow network"),
    gettext_noop("Silence of a client"),
    gettext_noop("Slow frames of a client"),
    gettext_noop("Storing lag"),
)
"""What charts and rules call metrics."""

CHOICES: Final = (
    gettext_noop("Firing"),
    gettext_noop("Resolved"),
    gettext_noop("Not known"),
    gettext_noop("Not acknowledged"),
    gettext_noop("Acknowledged"),
)
"""States of alerts, and whether somebody has answered them."""
