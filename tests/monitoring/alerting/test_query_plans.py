"""What runs each second while alerts begin and end must not read all that is kept: these are SQLite's plans."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from monitoring.core.records import BY_HAND
from monitoring.models import Alert, Notice, NoticeAlert

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what is stored"),
]
NOW = timezone.now()

EACH_RUN = {
    "what channels were told lately": lambda: NoticeAlert.objects.still_matter(NOW),
    "ended unheard": lambda: NoticeAlert.objects.ended_unheard(NOW),
    "notices that count": lambda: Notice.objects.that_count(NOW),
    "due": lambda: Notice.objects.due(NOW),
    "overdue": lambda: Notice.objects.overdue(NOW - timedelta(days=1), NOW),
    "to channels that are off": lambda: Notice.objects.to_channels_that_are_off(),
    "firing": lambda: Alert.objects.firing(),
    "resolved by hand": lambda: Alert.objects.resolved().filter(ended=BY_HAND, ended_at__gt=NOW),
    "acknowledged": lambda: Alert.objects.acknowledged().latest_first(),
}
WHOLE = ("avatar_monitoring_alert", "avatar_monitoring_notice", "avatar_monitoring_noticealert")


@pytest.mark.parametrize("name", EACH_RUN)
def test_it_reads_no_table_as_a_whole(name):
    plan = EACH_RUN[name]().explain().splitlines()
    steps = [line.split(" ", 3)[3] for line in plan]
    assert not [step for step in steps if step in {f"SCAN {table}" for table in WHOLE}], plan


def test_waiting_notices_are_found_by_the_index_that_holds_only_these():
    for name in ("due", "overdue", "to channels that are off"):
        assert "avatar_notice_waits" in EACH_RUN[name]().explain(), name
