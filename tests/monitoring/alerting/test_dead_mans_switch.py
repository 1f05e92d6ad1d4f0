import threading

import pytest

from monitoring.alerting.channels.http_call import CallFailedError, Reply
from monitoring.alerting.dead_mans_switch import Switch
from tests.site import free_port

SECRET = "0b0e6a86"


@pytest.fixture
def url(settings, receiver) -> str:
    settings.AVATAR_MONITORING = {**settings.AVATAR_MONITORING, "AVATAR_HEARTBEAT_URL": f"{receiver.url}/{SECRET}"}
    return f"{receiver.url}/{SECRET}"


def test_a_run_tells_that_it_begins_and_that_it_went_well(url, receiver):
    switch = Switch()
    with switch.watching():
        pass
    switch.wait()
    assert [(one.method, one.path) for one in receiver.received] == [("GET", f"/{SECRET}/start"), ("GET", f"/{SECRET}")]


def test_a_run_that_fails_tells_why(url, receiver):
    switch = Switch()
    with pytest.raises(OSError, match="no disk"), switch.watching():
        raise OSError("no disk at redis://user:password@host")
    switch.wait()
    failure = receiver.received[-1]
    assert (failure.method, failure.path) == ("POST", f"/{SECRET}/fail")
    assert failure.body == b"OSError: no disk at redis://user:***@host"


def test_runs_within_a_minute_are_told_once(url, receiver):
    now = [0.0]
    switch = Switch(clock=lambda: now[0])
    for moment in (0.0, 1.0, 30.0, 57.0):
        now[0] = moment
        with switch.watching():
            pass
        switch.wait()
    assert [one.path.rpartition("/")[2] for one in receiver.received] == ["start", SECRET] * 2


def test_without_the_setting_nothing_is_called(receiver):
    with Switch(lambda *_: pytest.fail("called")).watching():
        pass


def test_a_service_that_hangs_delays_nothing(url):
    may_answer = threading.Event()

    def hang(*_: object, **__: object) -> Reply:
        may_answer.wait(10)
        return Reply(200, "OK", None, b"")

    switch = Switch(hang)
    with switch.watching():
        pass
    may_answer.set()
    switch.wait()


def test_the_log_has_one_line_when_it_cannot_be_called_and_one_when_it_can_again(url, settings, receiver, caplog):
    answers: list[Exception | None] = [CallFailedError("Connection refused")] * 3 + [None] * 3
    now = [0.0]

    def call(*_: object, **__: object) -> Reply:
        answer = answers.pop(0)
        if answer is not None:
            raise answer
        return Reply(200, "OK", None, b"")

    switch = Switch(call, clock=lambda: now[0])
    for _ in range(3):
        with switch.watching():
            pass
        switch.wait()
        now[0] += 60.0
    assert [record.message for record in caplog.records] == [
        "AVATAR_HEARTBEAT_URL cannot be called: Connection refused",
        "AVATAR_HEARTBEAT_URL can be called again",
    ]


def test_the_address_is_a_secret(settings, caplog):
    address = f"http://127.0.0.1:{free_port()}/{SECRET}"
    settings.AVATAR_MONITORING = {**settings.AVATAR_MONITORING, "AVATAR_HEARTBEAT_URL": address}
    switch = Switch()
    with switch.watching():
        pass
    switch.wait()
    assert "Connection refused" in caplog.text
    assert SECRET not in caplog.text
