import os
import sys
import time

import pytest

from avatar_site.supervisor import child as child_module
from avatar_site.supervisor.child import MAX_LINE, Child, Output, Process, next_delay
from tests.pids import lives
from tests.site import eventually


def child_of(code: str, **options) -> Child:
    return Child(Process("child", [sys.executable, "-c", code], **options))


def test_each_death_doubles_the_wait():
    delays = [0.0]
    for _ in range(7):
        delays.append(next_delay(delays[-1], lived=1))
    assert delays[1:] == [1, 2, 4, 8, 16, 30, 30]


def test_a_minute_of_life_forgives():
    assert next_delay(30, lived=61) == 1


def test_an_exit_is_told_once_in_words_and_makes_the_next_start_due():
    child = child_of("raise SystemExit(3)")
    child.spawn()
    eventually(child.reap)
    assert child.ending == "exited (code 3)"
    assert child.due is not None
    assert not child.reap()


def test_a_kill_takes_its_own_children_along():
    code = "import subprocess; child = subprocess.Popen(['sleep', '60']); print(child.pid, flush=True); child.wait()"
    child = child_of(code)
    output = child.spawn()
    grandchild = int(eventually(output.lines)[0])
    child.kill()
    eventually(child.reap)
    assert child.ending == "was killed (SIGKILL)"
    eventually(lambda: not lives(grandchild))


def test_it_gets_the_environment_and_its_overrides(monkeypatch):
    monkeypatch.setenv("KEPT", "kept")
    code = "import os; print(os.environ['KEPT'], os.environ['SET'])"
    output = child_of(code, environment={"SET": "set"}).spawn()
    assert eventually(output.lines) == ["kept set"]


def test_it_inherits_what_it_is_given_and_nothing_else():
    given, other = os.open(os.devnull, os.O_RDONLY), os.open(os.devnull, os.O_RDONLY)
    code = f"import os; print([os.path.exists(f'/dev/fd/{{fd}}') for fd in ({given}, {other})])"
    output = child_of(code, inherited=(given,)).spawn()
    assert eventually(output.lines) == ["[True, False]"]


@pytest.mark.parametrize(("answer", "ready"), [(True, True), (False, False)])
def test_it_is_ready_when_its_check_says_so(answer, ready):
    child = child_of("", is_ready=lambda: answer)
    child.spawn()
    assert child.check_ready() is ready
    assert (child.ready_after is not None) is ready


def test_one_that_cannot_speak_is_asked_and_hangs_when_it_does_not_answer(monkeypatch):
    monkeypatch.setattr(child_module, "ASK_SECONDS", 0)
    answers = [True]
    child = child_of("import time; time.sleep(60)", is_alive=lambda: answers[0], silent_seconds=0.2)
    child.spawn()
    assert child.check_ready()
    time.sleep(0.3)
    child.check_ready()
    assert child.trouble() is None
    answers[0] = False
    eventually(lambda: child.check_ready() and child.trouble())
    assert child.trouble().startswith("hangs: not heard for")
    child.kill()
    assert child.trouble() is None
    eventually(child.reap)


def test_one_that_speaks_but_never_becomes_ready_is_late(monkeypatch):
    monkeypatch.setattr(child_module, "READY_SECONDS", 0.2)
    code = "import os, time\nwhile True: os.write(int(os.environ['SITE_PULSE_FD']), b'.'); time.sleep(0.01)"
    child = child_of(code, has_pulse=True, is_ready=lambda: False)
    child.spawn()
    eventually(lambda: child.check_ready() or child.trouble())
    assert child.trouble() == "was not ready within 0 s"
    child.kill()
    eventually(child.reap)


def test_one_that_is_late_gets_twice_as_long(monkeypatch):
    child = child_of("import time; time.sleep(60)", is_ready=lambda: False)
    patience = [child.patience]
    for _ in range(6):
        child.spawn()
        child.kill()
        eventually(child.reap)
        patience.append(child.patience)
    assert patience == [30, 60, 120, 240, 480, 480, 480]


@pytest.fixture
def pipe():
    readable, writable = os.pipe()
    return os.fdopen(readable, "rb", 0), os.fdopen(writable, "wb", 0)


def test_lines_come_whole(pipe):
    output = Output(pipe[0])
    pipe[1].write(b"one\ntw")
    assert output.lines() == ["one"]
    pipe[1].write("o 둘\n".encode())
    assert output.lines() == ["two 둘"]


def test_nothing_there_is_no_line_and_no_wait(pipe):
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
