from monitoring.core.journal_state import JournalState, merged


def test_frames_carry_everything_but_the_last_error():
    state = JournalState(backlog=2, lag_seconds=1.2345, waits_for="redis", since=5.0, last_error="10.0.0.5 refused")
    assert state.as_dict() == {
        "backlog": 2,
        "spilled": 0,
        "spilled_bytes": 0,
        "dropped": 0,
        "set_aside": 0,
        "lag_seconds": 1.2,
        "waits_for": "redis",
        "since": 5.0,
        "on_disk": False,
    }


def states(*states: JournalState) -> list:
    return [state.as_dict() for state in states]


def test_over_several_nodes_batches_are_added_and_the_longest_lag_counts():
    one = JournalState(backlog=1, spilled=2, spilled_bytes=30, dropped=4, set_aside=5, lag_seconds=6.0)
    fleet = merged(states(one, JournalState(lag_seconds=1.0), one))
    assert [fleet[name] for name in ("backlog", "spilled", "spilled_bytes", "dropped", "set_aside")] == [
        2,
        4,
        60,
        8,
        10,
    ]
    assert (fleet["lag_seconds"], fleet["waits_for"], fleet["since"]) == (6.0, "", None)


def test_the_fleet_waits_since_its_first_node_did():
    well = JournalState(on_disk=True)
    fleet = merged(states(well, JournalState(waits_for="room", since=9.0), JournalState(waits_for="redis", since=7.0)))
    assert (fleet["waits_for"], fleet["since"]) == ("redis", 7.0)


def test_the_fleet_is_on_disk_if_every_waiting_node_is():
    waiting = JournalState(waits_for="redis", since=1.0, on_disk=True)
    diskless = JournalState()
    assert merged(states(waiting, diskless))["on_disk"]
    assert not merged(states(waiting, JournalState(waits_for="redis", since=2.0)))["on_disk"]
    assert not merged(states(diskless))["on_disk"]


def test_nodes_without_a_journal_are_ignored():
    assert merged([None, None]) is None
    assert merged([None, JournalState(backlog=3).as_dict()])["backlog"] == 3
