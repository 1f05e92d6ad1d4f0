import os

import pytest

from avatar_site.output import MAX_LINE, Output


@pytest.fixture
def pipe():
    readable, writable = os.pipe()
    return os.fdopen(readable, "rb", 0), os.fdopen(writable, "wb", 0)


def test_lines_arrive_whole(pipe):
    output = Output(pipe[0])
    pipe[1].write(b"one\ntw")
    assert output.lines() == ["one"]
    pipe[1].write("o 둘\n".encode())
    assert output.lines() == ["two 둘"]


def test_an_empty_pipe_gives_no_line_and_no_wait(pipe):
    output = Output(pipe[0])
    assert output.lines() == []
    assert not output.ended


def test_an_unfinished_line_comes_with_the_end(pipe):
    output = Output(pipe[0])
    pipe[1].write(b"last words")
    pipe[1].close()
    assert output.lines() + output.lines() == ["last words"]
    assert output.ended


def test_hidden_and_empty_lines_are_left_out(pipe):
    output = Output(pipe[0], hidden=("noise",))
    pipe[1].write(b"some noise\n\nnews\n")
    assert output.lines() == ["news"]


def test_a_line_without_an_end_is_cut(pipe):
    output = Output(pipe[0])
    for _ in range(3):
        pipe[1].write(b"x" * (MAX_LINE // 2))
        lines = output.lines()
    assert [len(line) for line in lines] == [MAX_LINE * 3 // 2]
