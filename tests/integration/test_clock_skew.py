"""Two hosts whose clocks are five seconds apart."""

import pytest

from tests.integration.crowd import seen
from tests.integration.faketime import library
from tests.site import free_port


@pytest.mark.deployment
@pytest.mark.parametrize("ahead", [5, -5])
def test_they_see_each_other_and_are_told(shared, ahead):
    ports = [shared.port, free_port()]
    shared.environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
    shared.daphne(ports[0])
    # The command `faketime` would stand in between: it ends when it is told to, and the server does not.
    shared.environment |= {"LD_PRELOAD": str(library()), "FAKETIME": f"{ahead:+}s"}
    shared.daphne(ports[1])
    cookie = shared.sign_in()
    with shared.avatar("client_id=ada", ports[0]), shared.avatar("client_id=bob", ports[1]):
        for port in ports:
            with shared.viewer(cookie, port) as viewer:
                frame = seen(viewer, whole, "both are seen", shared)
            skews = sorted((node["clock_skew_seconds"] for node in frame["nodes"]), key=abs)
            assert skews == [pytest.approx(0, abs=0.5), pytest.approx(ahead, abs=0.5)]
            (alert,) = [alert for alert in frame["alerts"] if alert["metric"] == "clock_skew_seconds"]
            assert "differs from that of Redis by" in alert["message"]


def whole(frame: dict) -> dict | None:
    is_seen = len(frame["nodes"]) == 2 and [row["client_id"] for row in frame["clients"]] == ["ada", "bob"]
    is_told = any(alert["metric"] == "clock_skew_seconds" for alert in frame["alerts"])
    return (
        frame if is_seen and is_told and None not in [node["clock_skew_seconds"] for node in frame["nodes"]] else None
    )
