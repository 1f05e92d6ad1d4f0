from datetime import UTC, datetime

import pytest

from monitoring.storage.timetable import TIMES


@pytest.mark.parametrize(
    ("job", "moment", "due"),
    [
        ("store_snapshots", "12:00:00", "12:00:03"),
        ("store_snapshots", "12:00:02.9", "12:00:03"),
        ("store_snapshots", "12:00:03", "12:01:03"),
        ("store_snapshots", "12:59:59", "13:00:03"),
        ("roll_up", "12:00:03", "12:00:08"),
        ("prune", "12:00:00", "12:17:20"),
        ("prune", "12:17:20", "13:17:20"),
        ("prune", "12:59:00", "13:17:20"),
    ],
)
def test_a_job_is_due_at_its_second_of_each_minute_or_of_one_minute_of_each_hour(job, moment, due):
    day = "2026-11-27T"
    now = datetime.fromisoformat(day + moment).replace(tzinfo=UTC).timestamp()
    assert TIMES[job].next_after(now) == datetime.fromisoformat(day + due).replace(tzinfo=UTC).timestamp()
