from monitoring.core.round_trips import RoundTrips


def test_nothing_is_known_before_the_first_connection():
    assert RoundTrips().as_text() is None


def test_the_last_connection_decides():
    round_trips = RoundTrips()
    round_trips.not_by("granian")
    assert round_trips.as_text() == "not reported by granian"
    round_trips.by_server()
    assert round_trips.as_text() == "ping frames"


def test_once_clients_are_asked_by_messages_that_remains_so():
    round_trips = RoundTrips()
    round_trips.by_application()
    round_trips.not_by("granian")
    assert round_trips.as_text() == "messages"
