import pytest

from monitoring.core import limit_log
from monitoring.core.address_masks import NETWORK, OFF, mask_of
from monitoring.core.limit_log import limit_acted, mask_addresses
from monitoring.core.rescue import OnceAMinute

SCOPE = {"path": "/ws/chat/\n1", "client": ["10.0.0.7", 50_000], "query_string": b""}


@pytest.fixture(autouse=True)
def nothing_said_yet(monkeypatch):
    monkeypatch.setattr(limit_log, "due", OnceAMinute())
    monkeypatch.setattr(limit_log, "_mask", str)


def test_a_line_names_path_client_limit_and_setting(caplog):
    limit_acted(SCOPE, "closed, because of this", "guard")
    (line,) = caplog.messages
    assert line == r"WebSocket /ws/chat/\n1 of client 10.0.0.7: closed, because of this (set by guard)"


def test_a_clients_name_is_said_with_its_address(caplog):
    limit_acted({**SCOPE, "query_string": b"client_id=ada"}, "closed", "guard")
    assert "of client ada (10.0.0.7): closed" in caplog.text


def test_each_limit_is_said_once_a_minute(caplog):
    for limit in ("one", "one", "other"):
        limit_acted(SCOPE, limit, "guard")
    assert len(caplog.messages) == 2


def test_a_connection_without_an_address_is_said_too(caplog):
    limit_acted({"client": None}, "closed", "guard")
    assert "of client without an address" in caplog.text


@pytest.mark.parametrize(
    ("kind", "query", "told"),
    [
        (OFF, b"", "of client without an address: closed"),
        (OFF, b"client_id=ada", "of client ada: closed"),
        (NETWORK, b"", "of client 10.0.0.0/24: closed"),
        (NETWORK, b"client_id=ada", "of client ada (10.0.0.0/24): closed"),
    ],
)
def test_no_more_of_an_address_is_said_than_is_kept(caplog, kind, query, told):
    mask_addresses(mask_of(kind))
    limit_acted({**SCOPE, "query_string": query}, "closed", "guard")
    assert told in caplog.text
    assert "10.0.0.7" not in caplog.text
