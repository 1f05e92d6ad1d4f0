import io
import json
import logging
import sys

import pytest
from django.conf import settings

from avatar_site.logs import handler
from avatar_site.logs.handler import StrayLines
from tests.site import APPLICATION


@pytest.fixture
def server():
    """A server's logger with a handler of its own, as uvicorn leaves it."""
    logger = logging.getLogger("uvicorn.access")
    before = logger.handlers[:], logger.propagate
    logger.propagate = False
    yield logger
    logger.handlers, logger.propagate = before


def test_lines_written_outside_the_log_become_events():
    stream = io.StringIO()
    stray = StrayLines(stream)
    stray.write("one\n\ntw")
    stray.write("o\nlast words of redis://me:hush@host")
    stray.finish()
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [event["message"] for event in events] == ["one", "two", "last words of redis://me:***@host"]


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("wrote 5 rows to standard output", ["INFO"]),
        ("without --from: the 24 hours\nwrote 5 rows", ["INFO", "INFO"]),
        ("CommandError: --from: must be", ["ERROR"]),
        ("wrote 1 row\nSystemCheckError: found:\n?: (avatar_monitoring.E001) x", ["INFO", "ERROR", "ERROR"]),
        ("Fatal Python error: Segmentation fault\nCurrent thread", ["ERROR", "ERROR"]),
        ("usage: manage.py\nmanage.py export_metrics: error: argument", ["INFO", "ERROR"]),
    ],
)
def test_command_output_is_an_error_only_if_it_reports_one(text, levels):
    stream = io.StringIO()
    StrayLines(stream).write(text + "\n")
    assert [json.loads(line)["level"] for line in stream.getvalue().splitlines()] == levels


@pytest.mark.parametrize(("verbosity", "says"), [("1", True), ("0", False)])
def test_daphne_alone_prints_its_address_unless_it_is_told_to_be_quiet(site, verbosity, says):
    site.server("-m", "daphne", "-v", verbosity, "-p", str(site.port), APPLICATION)
    assert (
        f"INFO web[{site.processes[-1].pid}] daphne.cli: Starting server at tcp:port={site.port}" in site.logs()
    ) == says


def test_a_servers_own_handler_gives_way_to_the_sites(server):
    server.addHandler(logging.StreamHandler(sys.stdout))
    handler._hand_over(server)
    assert server.handlers == []
    assert server.propagate


def test_a_file_that_an_operator_chose_stays(server, tmp_path):
    chosen = logging.FileHandler(tmp_path / "access.log")
    server.addHandler(chosen)
    handler._hand_over(server)
    assert server.handlers == [chosen]
    assert not server.propagate
    chosen.close()


def test_every_logger_of_the_settings_ends_in_the_one_handler():
    handlers = {name for entry in settings.LOGGING["loggers"].values() for name in entry.get("handlers", [])}
    assert handlers == set()
    assert settings.LOGGING["root"]["handlers"] == ["console"]


def test_an_unhandled_exception_is_one_event(caplog):
    error = ValueError("broken")
    with caplog.at_level(logging.CRITICAL):
        handler._uncaught(ValueError, error, None)
    (record,) = caplog.records
    assert (record.levelname, record.getMessage(), record.exc_info[1]) == ("CRITICAL", "ValueError: broken", error)
