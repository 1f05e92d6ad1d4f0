import pytest

from monitoring.core.cause_of_leaving import cause_of
from monitoring.core.causes import Cause


@pytest.mark.parametrize(
    ("ended", "close_code", "cause"),
    [
        ("client closed", 1000, Cause.CLIENT_CLOSED),
        ("client closed", 1001, Cause.CLIENT_CLOSED),
        ("client closed", 1005, Cause.CLIENT_CLOSED),
        ("client closed", 1009, Cause.CLIENT_CLOSED),
        ("client closed", 1006, Cause.CLIENT_LOST),
        ("connection lost", 1006, Cause.CLIENT_LOST),
        ("connection lost: reset", 1006, Cause.CLIENT_LOST),
        ("connection lost: timed out", 1006, Cause.CLIENT_LOST),
        ("dropped: reads too slowly", 1006, Cause.SLOW_READER),
        ("dropped: too many frames", 1006, Cause.REFUSED),
        ("dropped: message too long", 1006, Cause.REFUSED),
        ("dropped: protocol error", 1002, Cause.REFUSED),
        ("application failed", 1011, Cause.APPLICATION_ERROR),
        ("server closed", 1000, Cause.APPLICATION_CLOSED),
        ("server closed", 4000, Cause.APPLICATION_CLOSED),
        ("server closed", None, Cause.APPLICATION_CLOSED),
        ("server closed", 1008, Cause.NOT_ALLOWED),
        ("server closed", 4401, Cause.NOT_ALLOWED),
        ("server closed", 4403, Cause.NOT_ALLOWED),
        ("server closed", 1011, Cause.APPLICATION_ERROR),
        ("server closed", 4400, Cause.REFUSED),
        ("server closed", 4408, Cause.SLOW_READER),
        ("server closed", 4429, Cause.REFUSED),
        ("server closed", 1012, Cause.SERVER_STOPPED),
        ("server stopped", 4012, Cause.SERVER_STOPPED),
        ("server stopped", None, Cause.SERVER_STOPPED),
        ("node gone", None, Cause.SERVER_KILLED),
        ("replaced", None, Cause.REPLACED),
        ("replaced", 4410, Cause.REPLACED),
        ("name in use", 4409, Cause.REFUSED),
        ("disconnected by an operator", 4411, Cause.DISCONNECTED),
        ("not told", None, Cause.UNKNOWN),
        ("what a project says", 4403, Cause.NOT_ALLOWED),
        ("what a project says", 4999, Cause.APPLICATION_CLOSED),
        ("what a project says", None, Cause.UNKNOWN),
        ("", None, Cause.UNKNOWN),
        ("", 1000, Cause.UNKNOWN),
    ],
)
def test_how_it_ended_and_the_code_say_why(ended, close_code, cause):
    assert cause_of(ended, close_code) is cause
