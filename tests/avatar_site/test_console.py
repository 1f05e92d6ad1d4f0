import io

import pytest

from avatar_site.console import Console


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture
def no_color(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")


def test_lines_carry_the_name_of_their_process():
    stream = io.StringIO()
    Console(stream).log("web-1", "hello")
    assert stream.getvalue() == "web-1    | hello\n"


def test_a_terminal_gets_a_colour_for_each_name(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    console = Console(terminal)
    for name in ("web", "beat", "web"):
        console.log(name, "hello")
    first, second, third = terminal.getvalue().splitlines()
    assert first == third
    assert first.startswith("\033[36m")
    assert second.startswith("\033[32m")


def test_no_color_is_respected(no_color):
    terminal = Terminal()
    Console(terminal).log("web", "hello")
    assert "\033" not in terminal.getvalue()


def test_columns_are_as_wide_as_their_widest_cell():
    stream = io.StringIO()
    Console(stream).table([("PROCESS", "PID"), ("web", "12345")])
    assert stream.getvalue() == "PROCESS  PID\nweb      12345\n"


def test_a_character_that_the_stream_does_not_know_is_escaped():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Console(stream).say("안")
    assert raw.getvalue() == b"\\uc548\n"


def test_a_closed_stream_is_no_error():
    stream = io.StringIO()
    console = Console(stream)
    stream.close()
    console.say("nobody hears")
    console.say("this either")
