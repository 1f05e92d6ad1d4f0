from datetime import UTC, datetime, timedelta

import pytest

from monitoring.history.message_sizes import PathSizes, message_sizes
from tests.monitoring.batches import MINUTE, minute

pytestmark = pytest.mark.django_db
START = datetime.fromtimestamp(MINUTE, UTC)


def test_bounds_that_half_nearly_all_and_all_messages_stay_below():
    minute(breakdowns={"message_sizes": {"7 /ws/": 60, "10 /ws/": 39, "15 /ws/": 1, "5 /other/": 3}})
    minute(MINUTE + 60, breakdowns={"message_sizes": {"7 /ws/": 100}})
    assert message_sizes(START, START + timedelta(minutes=2)) == [
        PathSizes("/ws/", 200, half_below=128, most_below=1024, all_below=32768),
        PathSizes("/other/", 3, half_below=32, most_below=32, all_below=32),
    ]


def test_without_messages_there_are_no_paths():
    minute(connections=3)
    assert message_sizes(START, START + timedelta(minutes=2)) == []
