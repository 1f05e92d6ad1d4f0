import io
import json
import re

import pytest

from avatar_site.supervisor.console import ChildOutput, Console


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture
def no_color(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")


def without_times(text: str) -> list[str]:
    return [re.sub(r"^\d{4}-\d\d-\d\dT[\d:.]+Z ", "", line) for line in text.splitlines()]


def test_a_line_says_when_how_bad_and_which_process(monkeypatch):
    monkeypatch.setenv("SITE_PROCESS", "supervisor")
    stream = io.StringIO()
    Console(stream).warn("web-1 hangs")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING supervisor\[\d+\]: web-1 hangs\n", stream.getvalue()
    )


def test_what_a_process_writes_past_its_log_carries_its_name_and_number():
    stream = io.StringIO()
    Console(stream).log("web-1", "hello", 7)
    assert without_times(stream.getvalue()) == ["INFO web-1[7]: hello"]


def test_a_terminal_gets_a_colour_for_each_name(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    console = Console(terminal)
    for name in ("web", "beat", "web"):
        console.log(name, "hello", 7)
    assert without_times(terminal.getvalue()) == [
        "INFO \033[36mweb[7]\033[0m: hello",
        "INFO \033[32mbeat[7]\033[0m: hello",
        "INFO \033[36mweb[7]\033[0m: hello",
    ]


def test_no_color_is_respected(no_color):
    terminal = Terminal()
    Console(terminal).log("web", "hello")
    assert "\033" not in terminal.getvalue()


def test_in_a_terminal_columns_are_as_wide_as_their_widest_cell():
    terminal = Terminal()
    Console(terminal).table([("PROCESS", "PID"), ("web", "12345")])
    assert terminal.getvalue() == "PROCESS  PID\nweb      12345\n"


def test_in_a_log_each_row_and_each_line_of_a_box_is_an_event():
    stream = io.StringIO()
    console = Console(stream, "json")
    console.table([("PROCESS", "PID"), ("web", "12345")])
    console.box(["hello"])
    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == [
        "PROCESS  PID",
        "web      12345",
        "hello",
    ]


def test_a_character_that_the_stream_does_not_know_is_escaped():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Console(stream).say("안")
    assert raw.getvalue().endswith(b": \\uc548\n")


def test_a_closed_stream_is_no_error():
    stream = io.StringIO()
    console = Console(stream)
    stream.close()
    console.say("nobody hears")
    console.say("this either")


OWN = "2026-11-26T20:13:35.429Z INFO worker[440] celery: Warm shutdown"


def events(*lines: str) -> list[dict]:
    output = ChildOutput("valkey", "json")
    written = [text for line in lines for text in output.lines(line, 7)] + output.finish(7)
    return [json.loads(text) for text in written]


def test_events_of_the_site_s_own_are_left_as_they_are():
    output = ChildOutput("worker", "text")
    assert output.lines(OWN, 440) == [OWN]
    assert output.lines("    and more of it", 440) == ["    and more of it"]
    line = '{"time": "2026-11-26T20:13:35.429Z", "level": "INFO", "message": "x"}'
    assert ChildOutput("worker", "json").lines(line, 440) == [line]


def test_valkeys_lines_get_their_level_from_its_sign():
    found = events(
        "512:M 26 Nov 2026 20:13:35.429 # Memory is low",
        "512:M 26 Nov 2026 20:13:35.430 * Ready to accept connections",
    )
    assert [(event["level"], event["process"], event["pid"], event["message"]) for event in found] == [
        ("WARNING", "valkey", 7, "Memory is low"),
        ("INFO", "valkey", 7, "Ready to accept connections"),
    ]


def test_a_traceback_is_one_event_with_its_last_line_as_the_message():
    traceback = ["Traceback (most recent call last):", '  File "x.py", line 1', "    fail()", "ValueError: broken"]
    first, second = events(*traceback, "next")
    assert (first["message"], first["level"]) == ("ValueError: broken", "ERROR")
    assert first["traceback"] == "\n".join(traceback)
    assert second["message"] == "next"


def test_one_that_is_cut_off_is_not_lost():
    (event,) = events("Traceback (most recent call last):", '  File "x.py", line 1')
    assert event["message"] == 'File "x.py", line 1'


def test_in_text_its_further_lines_are_indented():
    output = ChildOutput("web", "text")
    assert output.lines("Traceback (most recent call last):", 7) == []
    (text,) = output.lines("ValueError: broken", 7)
    assert text.endswith(
        "ERROR web[7]: ValueError: broken\n    Traceback (most recent call last):\n    ValueError: broken"
    )


def test_secrets_of_others_lines_are_hidden_too():
    (event,) = events("cannot reach redis://me:hush@host")
    assert "hush" not in str(event)
