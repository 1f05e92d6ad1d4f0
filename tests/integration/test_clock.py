"""A process whose clock is set while it runs, with libfaketime."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.faketime import library

DAY = 86_400
SCRIPT = """
import asyncio, json, time
from monitoring.core.collector import MetricsCollector
from monitoring.core.monitor import PerformanceMonitor
from monitoring.core.probe import NoProbe

class Printer:
    def publish(self, tick):
        message = monitor.get_current_metrics()
        started = time.clock_gettime(time.CLOCK_MONOTONIC) - begun
        print(json.dumps([tick.timestamp, tick.jumped, started, message["clients"][0], message["alerts"]]), flush=True)

async def main():
    global monitor, begun
    begun = time.clock_gettime(time.CLOCK_MONOTONIC)
    monitor = PerformanceMonitor(0.1, collector=MetricsCollector(probe=NoProbe()))
    monitor.collector.track_client_connection("ada")
    monitor.sinks.append(Printer())
    await monitor.start()
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def clock(tmp_path):
    """Sets the process's clock ahead of the true one by an offset such as "+2d"."""
    file = tmp_path / "offset"

    def set_to(offset: str) -> None:
        written = file.with_suffix(".new")
        written.write_text(f"{offset}\n")
        written.replace(file)

    set_to("+0")
    return file, set_to


@pytest.fixture
def ticks(clock):
    """Reads ticks until one satisfies the condition."""
    environment = os.environ | {
        "LD_PRELOAD": str(library()),
        "FAKETIME_TIMESTAMP_FILE": str(clock[0]),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], env=environment, cwd=root, stdout=subprocess.PIPE, text=True
    )

    def until(passes: Callable[[list[Any]], bool]) -> list[Any]:
        assert process.stdout is not None
        for line in process.stdout:
            if passes(tick := json.loads(line)):
                return tick
        raise AssertionError("the process ended")

    yield until
    process.kill()
    process.wait()


def test_a_clock_set_two_days_ahead_and_back_is_followed_and_changes_no_ages(clock, ticks):
    _, set_to = clock
    begin, *_ = ticks(lambda tick: tick[3]["connection_duration"] >= 0.2)
    set_to("+2d")
    stamp, jumped, passed, client, alerts = ticks(lambda tick: tick[0] > begin + DAY)
    assert jumped == pytest.approx(2 * DAY, abs=5)
    assert client["connection_duration"] <= passed + 0.2
    assert stamp - client["connected_at"] <= passed + 1
    assert alerts == []
    set_to("+0")
    stamp, jumped, passed, client, alerts = ticks(lambda tick: tick[0] < begin + DAY)
    assert jumped == pytest.approx(-2 * DAY, abs=5)
    assert stamp - begin < passed + 1
    assert stamp - client["connected_at"] <= passed + 1
    assert alerts == []
