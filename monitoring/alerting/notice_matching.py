"""Which alerts channels and silences are about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from monitoring.models import Alert, Silence


def matches(matchers: Mapping[str, str], alert: Alert) -> bool:
    facts = {
        "rule": alert.rule or alert.metric,
        "metric": alert.metric,
        "severity": alert.severity,
        "host": alert.host,
        "node": alert.node,
        "client": alert.client_id,
        "subject": alert.subject,
    }
    return all(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), facts.get(name, ""), re.DOTALL)
        for name, pattern in matchers.items()
    )


def in_force(moment: datetime) -> list[Silence]:
    return list(Silence.objects.filter(starts_at__lte=moment, ends_at__gt=moment))


def is_silenced(alert: Alert, silences: Iterable[Silence]) -> bool:
    return any(matches(silence.matchers, alert) for silence in silences)
