"""The time to try one rule on 30 days of minutes of four nodes. Run alone, it works on the database in DATABASE_URL."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import django

from tests.benchmarks import history
from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row, at_most

DAYS = 30
KEYS = ("backtest_seconds", "backtest_open_seconds")


def of_rules(arena: Arena) -> Iterator[Row]:
    """Rules as they are in force, and one whose threshold lies within most minutes, which is the worst that can be."""
    found = arena.run_alone(__name__, DATABASE_URL=history.year_in_sqlite(arena))
    usual = {name: one for name, one in found.items() if not name.startswith("open: ")}
    for key, ones, what in (
        (KEYS[0], usual, "a built-in rule"),
        (KEYS[1], {name: one for name, one in found.items() if name not in usual}, "a rule with most minutes open"),
    ):
        slowest = max(ones, key=lambda name: ones[name]["seconds"])
        sides = {name: f"{one['seconds']:.2f} s, {one['episodes']} episodes" for name, one in ones.items()}
        yield Row(
            key,
            f"{what}, tried on {DAYS} days of minutes of {history.NODES} nodes: {slowest}",
            ones[slowest]["seconds"],
            "s",
            at_most(2),
            sides,
        )


def trials() -> dict[str, Any]:
    """Seconds of each rule, the better of two."""
    from dataclasses import replace

    from monitoring.alerting.rules import built_in_rules
    from monitoring.core.alert_rules import Rule
    from monitoring.history.backtest import backtest

    rules = built_in_rules()
    cpu = rules["cpu_percent"]
    tried = {name: rules[name] for name in ("cpu_percent", "memory_percent", "latency_ms")}
    tried["p95_latency_ms"] = Rule("p95_latency_ms", 100.0, 95.0, "warning", "", for_seconds=10.0)
    tried["open: cpu_percent above 60"] = replace(cpu, threshold=60.0, exit_threshold=57.0)
    end = history.START + timedelta(days=DAYS)
    found = {}
    for name, rule in tried.items():
        taken = []
        for _ in range(2):
            began = time.perf_counter()
            result = backtest(rule, history.START, end)
            taken.append(time.perf_counter() - began)
        found[name] = {"seconds": min(taken), "episodes": len(result.episodes), "open": result.open_minutes}
    return found


if __name__ == "__main__":
    django.setup()
    print(json.dumps(trials()))
