import asyncio
import os
import subprocess
import sys
import threading

import pytest

from avatar_site.supervisor import pulse
from avatar_site.supervisor.pulse import Pulse
from tests.site import eventually
from tests.waiting import until


@pytest.fixture
def pipe():
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    os.set_inheritable(writable, True)
    yield readable, writable
    os.close(writable)
    # Without a reader a thread stops beating.
    os.close(readable)
    for thread in threading.enumerate():
        if thread.name == "pulse":
            thread.join(5)


def heard(readable: int) -> int:
    try:
        return len(os.read(readable, 1 << 20))
    except BlockingIOError:
        return 0


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(pulse, "PULSE_SECONDS", 0.01)


def test_a_beat_is_a_byte(pipe):
    Pulse(pipe[1]).beat()
    assert heard(pipe[0]) == 1


def test_most_processes_have_no_listener():
    Pulse(None).beat()


async def test_it_beats_as_long_as_the_event_loop_turns(pipe, quick):
    one = Pulse(pipe[1])
    await one.start()
    for _ in range(3):
        await until(lambda: heard(pipe[0]))
    await one.stop()
    await asyncio.sleep(0)
    heard(pipe[0])
    await asyncio.sleep(0.05)
    assert not heard(pipe[0])


def test_a_thread_beats_whatever_the_main_one_waits_for(pipe, quick):
    Pulse(pipe[1]).start_thread()
    for _ in range(3):
        eventually(lambda: heard(pipe[0]))


def test_a_full_pipe_blocks_nobody(pipe):
    one = Pulse(pipe[1])
    for _ in range(70_000):
        one.beat()


def test_anything_but_a_pipe_is_never_written_to(tmp_path):
    """A number passed on by mistake may belong to the database."""
    with (tmp_path / "database").open("w+b", 0) as file:
        Pulse(file.fileno()).beat()
    assert (tmp_path / "database").read_bytes() == b""


def test_a_file_that_reuses_the_number_of_a_closed_pipe_is_never_written_to(pipe, quick, tmp_path):
    one = Pulse(pipe[1])
    one.start_thread()
    with (tmp_path / "database").open("wb", 0) as file:
        os.dup2(file.fileno(), pipe[1])
        heard(pipe[0])
        eventually(lambda: heard(pipe[0]), what="it beats on through a number of its own")
    assert (tmp_path / "database").read_bytes() == b""


def test_without_a_reader_it_stops(quick):
    readable, writable = os.pipe()
    one = Pulse(writable)
    one.start_thread()
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "pulse"]
    os.close(readable)
    thread.join(5)
    assert not thread.is_alive()
    one.beat()
    os.close(writable)


def test_child_processes_do_not_inherit_it(pipe):
    Pulse(pipe[1])
    code = f"import os; print(os.path.exists('/dev/fd/{pipe[1]}'))"
    done = subprocess.run([sys.executable, "-c", code], close_fds=False, capture_output=True, text=True)
    assert done.stdout == "False\n"
