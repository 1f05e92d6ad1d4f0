import pytest

from monitoring.core.acknowledging import Acknowledged, Present, is_worse


@pytest.mark.parametrize(
    ("then", "now", "worse"),
    [
        (Acknowledged(90.0, "warning"), Present(85.0, 80.0, 98.0, "warning"), False),
        (Acknowledged(90.0, "warning"), Present(85.0, 80.0, 98.1, "warning"), True),
        (Acknowledged(90.0, "warning"), Present(85.0, 80.0, 90.0, "critical"), True),
        (Acknowledged(90.0, "critical"), Present(85.0, 80.0, 90.0, "warning"), False),
        # One that only a later release knows.
        (Acknowledged(90.0, "critical"), Present(85.0, 80.0, 90.0, "fatal"), True),
        (Acknowledged(90.0, "fatal"), Present(85.0, 80.0, 90.0, "critical"), False),
        # Frame rates: lower is worse.
        (Acknowledged(20.0, "warning"), Present(25.0, 30.0, 17.0, "warning"), False),
        (Acknowledged(20.0, "warning"), Present(25.0, 30.0, 16.9, "warning"), True),
        (Acknowledged(20.0, "warning"), Present(25.0, 30.0, 24.0, "warning"), False),
        # A threshold of 0 has no tenth.
        (Acknowledged(50.0, "warning"), Present(40.0, 0.0, 55.0, "warning"), False),
        (Acknowledged(50.0, "warning"), Present(40.0, 0.0, 55.1, "warning"), True),
        # Of 500 clients one more is nothing new.
        (Acknowledged(500.0, "info"), Present(11.0, 10.0, 550.0, "info", is_grouped=True), False),
        (Acknowledged(500.0, "info"), Present(11.0, 10.0, 551.0, "info", is_grouped=True), True),
        # Time passes by itself.
        (Acknowledged(70.0, "info"), Present(61.0, 60.0, 140.0, "info", counts_time=True), False),
        (Acknowledged(70.0, "info"), Present(61.0, 60.0, 140.1, "info", counts_time=True), True),
    ],
)
def test_worse_is_a_higher_severity_or_a_peak_beyond_the_margin(then, now, worse):
    assert is_worse(then, now) is worse
