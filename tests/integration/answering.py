"""A process that answers or stores alerts when it is told to: `python -m tests.integration.answering`.

It prints "ready". For each line with a function's name and its argument, it prints what that did as JSON.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

import django
from django.core.management import call_command
from django.db import transaction


def prepare(name: str) -> dict[str, Any]:
    """Makes the tables, and as many alerts as `name` says."""
    from tests.monitoring.alerting.firing import firing

    call_command("migrate", verbosity=0)
    return {"alerts": [firing(f"web-{number}").pk for number in range(int(name))]}


def acknowledge(name: str) -> dict[str, Any]:
    """Acknowledges half of the alerts one by one, and then all at once: how often who was first."""
    from monitoring.alerting import answers
    from monitoring.alerting.answers import AlreadyAcknowledgedError
    from monitoring.models import Alert

    numbers = list(Alert.objects.order_by("pk").values_list("pk", flat=True))
    first: Counter[str] = Counter()
    for number in numbers[: len(numbers) // 2]:
        try:
            answers.answer_one(answers.acknowledge, number, name)
            first[name] += 1
        except AlreadyAcknowledgedError as refused:
            first[refused.by] += 1
    counts = answers.acknowledge(Alert.objects.all(), name)
    return {"one by one": first, "done": counts.done, "already": counts.already}


def resolve(name: str) -> dict[str, Any]:
    from monitoring.alerting import answers
    from monitoring.models import Alert

    return {"done": sum(answers.resolve(Alert.objects.numbered(alert.pk), name).done for alert in Alert.objects.all())}


def store(name: str) -> dict[str, Any]:
    """Stores again and again that all alerts still fire, with higher and higher peaks."""
    from monitoring.core.records import AlertRecord, Batch
    from monitoring.models import Alert
    from monitoring.storage.rows import Arrival
    from monitoring.storage.rows import store as store_rows
    from monitoring.storage.turns import in_turns

    alerts = list(Alert.objects.all())
    for turn in in_turns(range(1, 30)):
        records = [
            AlertRecord(
                one.metric, one.subject, "firing", one.started_at.timestamp() + turn, "warning", one.message, one.value,
                one.threshold, one.peak + turn / 100, since=one.started_at.timestamp(), rule=one.rule, scope="host",
            )
            for one in alerts
        ]  # fmt: skip
        with transaction.atomic():
            store_rows([Arrival(records[0].at, Batch("web:1", "b1", "web", turn, alerts=records, version=1))])
    return {name: turn}


def look(_name: str) -> dict[str, Any]:
    """What is stored in the end."""
    from monitoring.models import Alert, AlertEntry

    return {
        "entries": Counter(AlertEntry.objects.values_list("kind", flat=True)),
        "firing": Alert.objects.firing().count(),
        "by hand": Alert.objects.filter(ended="by hand").count(),
        "acknowledged by": Counter(Alert.objects.values_list("acknowledged_by", flat=True)),
    }


if __name__ == "__main__":
    django.setup()
    print("ready", flush=True)
    for line in sys.stdin:
        what, name = line.split()
        print(json.dumps(globals()[what](name)), flush=True)
