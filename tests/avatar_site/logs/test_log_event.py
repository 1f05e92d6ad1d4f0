import json
import logging

import pytest

from avatar_site.logs.log_event import OWN_LINE, EventFormatter, LogEvent, as_json, as_text, process_name

EVENT = LogEvent("The journal is full", "ERROR", "web-1", 42, "monitoring.journal.stream", time=1_000_000_000.25)


def test_text_says_when_how_bad_which_process_and_who():
    assert as_text(EVENT) == "2001-09-09T01:46:40.250Z ERROR web-1[42] monitoring.journal.stream: The journal is full"


def test_json_says_the_same_by_name():
    assert json.loads(as_json(EVENT)) == {
        "time": "2001-09-09T01:46:40.250Z",
        "level": "ERROR",
        "process": "web-1",
        "pid": 42,
        "logger": "monitoring.journal.stream",
        "message": "The journal is full",
    }


@pytest.mark.parametrize(("form", "write"), [("text", as_text), ("json", as_json)])
def test_a_supervisor_knows_such_a_line(form, write):
    assert OWN_LINE[form].match(write(EVENT))


def test_an_exception_is_one_event():
    try:
        raise ValueError("a\nb")
    except ValueError as error:
        record = logging.makeLogRecord({"msg": "It failed", "exc_info": (ValueError, error, error.__traceback__)})
    lines = EventFormatter("text").format(record).splitlines()
    assert all(line.startswith("    ") for line in lines[1:])
    (line,) = EventFormatter("json").format(record).splitlines()
    assert json.loads(line)["traceback"].endswith("ValueError: a\nb")


def test_nobody_writes_lines_in_anothers_name_or_steers_the_terminal():
    forged = as_text(LogEvent("hello\n2026-01-01T00:00:00.000Z ERROR web[1]: forged \033[2J\rx"))
    assert [line.startswith("    ") for line in forged.splitlines()] == [False, True]
    assert "\033" not in forged
    assert "\\x1b[2J\\rx" in forged


def test_as_json_nothing_ends_a_line_or_steers_the_terminal_either():
    text = "a\x9b2J\u2028b\x85c\x7f안녕"
    written = as_json(LogEvent(text))
    assert written.splitlines() == [written]
    assert "\x9b" not in written
    assert "안녕" in written
    assert json.loads(written)["message"] == text


def test_an_event_is_never_longer_than_a_supervisor_takes():
    assert len(as_json(LogEvent("x" * 10**6, traceback="y" * 10**6)).encode()) < 64 * 1024


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("/site/.venv/bin/daphne -p 8000 avatar_site.asgi:application", "web"),
        ("/lib/daphne/__main__.py -p 8000", "web"),
        ("/lib/celery/__main__.py --quiet --app avatar_site.celery worker", "worker"),
        ("/site/.venv/bin/celery -A avatar_site beat", "beat"),
        ("manage.py migrate", "migrate"),
        ("manage.py runserver", "web"),
        ("manage.py start_avatar_web_server --port 1", "supervisor"),
        ("start_avatar_web_server.py", "supervisor"),
        ("-c", "python"),
    ],
)
def test_a_process_is_called_by_what_it_does(monkeypatch, line, name):
    monkeypatch.delenv("SITE_PROCESS", raising=False)
    assert process_name(line.split()) == name


def test_the_supervisor_s_name_for_it_comes_first(monkeypatch):
    monkeypatch.setenv("SITE_PROCESS", "web-2")
    assert process_name(["daphne"]) == "web-2"
