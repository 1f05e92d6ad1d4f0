"""Gives sessions that older releases stored their causes, a few thousand a minute: a table may hold millions."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction

from monitoring.core.cause_of_leaving import cause_of
from monitoring.models import ClientSession

AT_ONCE = 5_000
"""Rows of one run, newest first. A million take three hours; until then they get their causes when they are read."""


@transaction.atomic
def fill_causes(at_once: int = AT_ONCE) -> int:
    """Returns how many sessions got one; none are left once it is 0, and finding that out is one look at an index."""
    found = ClientSession.objects.closed().of_cause("").order_by("-disconnected_at")
    by_cause: defaultdict[str, list[int]] = defaultdict(list)
    for pk, ended, close_code in found.values_list("pk", "ended", "close_code")[:at_once]:
        by_cause[cause_of(ended, close_code)].append(pk)
    for cause, numbers in by_cause.items():
        ClientSession.objects.filter(pk__in=numbers, cause="").update(cause=cause)
    return sum(map(len, by_cause.values()))
