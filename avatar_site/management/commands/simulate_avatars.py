"""`manage.py simulate_avatars`: real clients for a server that has none yet."""

import asyncio
import json
import signal
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from avatar_site.admission import ticket_for
from avatar_site.configuration.variables import websocket_url, whole_number
from avatar_site.simulation import Plan, SimulationTotals, simulate
from avatar_site.supervisor import pulse
from monitoring.conf import number, parse_variable

DEFAULT_URL = "ws://127.0.0.1:8000/ws/avatar/"


class Command(BaseCommand):
    help = "Connects simulated avatars to a server and, when they have stopped, says what they sent and received."
    # It reads and writes nothing of this site, which may well be another machine's.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", metavar="N", default="10", help="avatars (10)")
        parser.add_argument("--url", default=DEFAULT_URL, help=f"where avatars connect ({DEFAULT_URL})")
        parser.add_argument("--rate", metavar="R", default="2", help="messages a second of each avatar (2)")
        parser.add_argument("--seconds", metavar="S", default="0", help="how long; 0 is until Ctrl-C (0)")
        parser.add_argument("--room", default="lobby", help="the room that they enter (lobby)")
        parser.add_argument("--seed", help="makes the avatars do the same again")
        parser.add_argument("--format", choices=("text", "json"), default="text", help="of the totals (text)")

    def handle(self, *_: Any, **options: Any) -> None:
        plan = Plan(
            url=parse_variable("--url", options["url"], websocket_url),
            count=parse_variable("--count", options["count"], whole_number(1, 100_000)),
            rate=parse_variable("--rate", options["rate"], number(0.01, 1000)),
            room=options["room"],
            seed=options["seed"],
            ticket=ticket_for if settings.AVATAR_AUTH == "ticket" else None,
        )
        totals = asyncio.run(self._run(plan, parse_variable("--seconds", options["seconds"], number(0, 10**9))))
        if options["format"] == "json":
            self.stdout.write(json.dumps(asdict(totals)))
        else:
            self.stdout.write(sentence(totals))
        if not totals.avatars or totals.gave_up == plan.count:
            sys.exit(1)

    async def _run(self, plan: Plan, seconds: float) -> SimulationTotals:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signal_number, stop.set)
        if seconds:
            loop.call_later(seconds, stop.set)
        await pulse.own().start()
        try:
            return await simulate(plan, stop, self.stderr.write)
        finally:
            await pulse.own().stop()


def sentence(totals: SimulationTotals) -> str:
    if not totals.avatars:
        return "No avatar was ever let in, and so none sent a message"
    return (
        f"{totals.avatars} avatars sent {totals.messages_sent} messages ({totals.bytes_sent} bytes) and "
        f"received {totals.messages_received} ({totals.bytes_received} bytes), with {totals.reconnects} reconnects"
    )
