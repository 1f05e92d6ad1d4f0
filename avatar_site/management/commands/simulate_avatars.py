"""`manage.py simulate_avatars`: real clients for a server that has none yet."""

import asyncio
import json
import signal
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings

from avatar_site.admission import ticket_for
from avatar_site.configuration.variables import websocket_url, whole_number
from avatar_site.simulation import Plan, SimulationTotals, simulate
from avatar_site.supervisor import pulse
from monitoring.core.counted import counted
from monitoring.management.shared_options import CommandWithExamples
from monitoring.parsers import number, parse_variable

DEFAULT_URL = "ws://127.0.0.1:8000/ws/avatar/"

EXAMPLES = """examples:
  python manage.py simulate_avatars --count 100
  python manage.py simulate_avatars --count 100 --url wss://avatars.example.com/ws/avatar/
  python manage.py simulate_avatars --seconds 60 --rate 10 --seed 7 --format json

It exits with 1 if the server admitted no avatar.
"""


class Command(CommandWithExamples):
    examples = EXAMPLES
    help = "Connects simulated avatars to a server, and prints what they sent and received when they stop."
    # It does not access this site, and the server may be on another machine.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", metavar="N", default="10", help="number of avatars (10)")
        parser.add_argument("--url", default=DEFAULT_URL, help=f"the address to connect to ({DEFAULT_URL})")
        parser.add_argument("--rate", metavar="R", default="2", help="messages per second and avatar (2)")
        parser.add_argument("--seconds", metavar="S", default="0", help="how long to run; 0 runs until Ctrl-C (0)")
        parser.add_argument("--room", default="lobby", help="the room to enter (lobby)")
        parser.add_argument("--seed", help="random seed, to repeat a run")
        parser.add_argument("--format", choices=("text", "json"), default="text", help="format of the totals (text)")

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
        return "No avatar was admitted, so none sent a message"
    return (
        f"{counted(totals.avatars, 'avatar')} sent {counted(totals.messages_sent, 'message')} "
        f"({counted(totals.bytes_sent, 'byte')}) and received {totals.messages_received} "
        f"({counted(totals.bytes_received, 'byte')}), with {counted(totals.reconnects, 'reconnect')}"
    )
