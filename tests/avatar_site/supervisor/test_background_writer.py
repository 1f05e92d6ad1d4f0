import os
from contextlib import closing

import pytest

from avatar_site.supervisor.background_writer import MAX_WAITING_BYTES, BackgroundWriter
from avatar_site.supervisor.console import Console
from tests.site import eventually


@pytest.fixture
def pipe():
    readable, writable = os.pipe()
    with closing(os.fdopen(readable, "rb", 0)) as reader, closing(os.fdopen(writable, "w")) as stream:
        yield reader, stream


def read_all(reader) -> bytes:
    os.set_blocking(reader.fileno(), False)
    return reader.read() or b""


def test_lines_arrive_in_order(pipe):
    writer = BackgroundWriter(pipe[1])
    for text in ("one\n", "둘\n"):
        writer.write(text)
    writer.finish(5)
    assert read_all(pipe[0]).decode() == "one\n둘\n"


def test_what_was_written_before_comes_first(pipe):
    pipe[1].write("before\n")
    writer = BackgroundWriter(pipe[1])
    writer.write("after\n")
    writer.finish(5)
    assert read_all(pipe[0]) == b"before\nafter\n"


def test_without_a_reader_a_megabyte_waits_and_what_is_dropped_is_counted(pipe):
    writer = BackgroundWriter(pipe[1])
    line = "x" * 999 + "\n"
    for _ in range(3 * MAX_WAITING_BYTES // len(line)):
        writer.write(line)
    taken = b""

    def reads_on() -> bool:
        nonlocal taken
        taken += read_all(pipe[0])
        return not writer._bytes

    eventually(reads_on)
    writer.write("here again\n")
    writer.finish(5)
    lines = (taken + read_all(pipe[0])).decode().splitlines()
    assert lines[-1] == "here again"
    gaps = [text for text in lines if text.endswith("lines left out here because nobody read the output)")]
    left_out = sum(int(gap.removeprefix("(").split()[0]) for gap in gaps)
    assert gaps
    assert len(lines) - 1 - len(gaps) + left_out == 3 * MAX_WAITING_BYTES // len(line)
    assert len(taken) < MAX_WAITING_BYTES + 200_000


def test_what_waits_at_the_end_is_given_up(pipe):
    writer = BackgroundWriter(pipe[1])
    writer.write("x" * 200_000)
    writer.finish(0.05)
    assert writer._bytes


def test_a_reader_who_has_gone_is_no_error_for_the_console(pipe):
    pipe[0].close()
    writer = BackgroundWriter(pipe[1])
    console = Console(writer)
    console.say("nobody hears")
    eventually(lambda: writer._is_gone)
    console.say("this either")
    assert console.stream is not writer


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_a_terminal_that_was_stopped_stops_nobody():
    import termios

    controller, terminal = os.openpty()
    with closing(os.fdopen(terminal, "w")) as stream, closing(os.fdopen(controller, "rb", 0)) as screen:
        termios.tcflow(stream.fileno(), termios.TCOOFF)
        writer = BackgroundWriter(stream)
        assert writer.isatty()
        writer.write("hello\n")
        writer.finish(0.05)
        assert writer._bytes
        termios.tcflow(stream.fileno(), termios.TCOON)
        writer.finish(5)
        assert screen.read(100) == b"hello\r\n"
