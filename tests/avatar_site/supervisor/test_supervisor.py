"""The supervisor in a process of its own, because it takes over signals; its children are small scripts."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from avatar_site.supervisor.supervisor import STOP_SECONDS
from tests.patience import PATIENCE_SECONDS
from tests.pids import lives
from tests.site import ROOT, eventually

SUPERVISOR = """
import signal
import sys
from pathlib import Path
from avatar_site.supervisor import child, supervisor
from avatar_site.supervisor.background_writer import BackgroundWriter
from avatar_site.supervisor.child import Process
from avatar_site.supervisor.console import Console

directory = Path(sys.argv[1])
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where the tests run under nohup

def process(name, code, ready=None, **options):
    command = [sys.executable, "-u", "-c", f"import os, signal, sys, time; print('pid', os.getpid()); {code}"]
    return Process(name, command, is_ready=(lambda: (directory / ready).exists()) if ready else lambda: True, **options)

def ready(children):
    console.say("all ready")

console = Console(BackgroundWriter(sys.stdout))
try:
    supervisor.Supervisor(eval(sys.argv[2]), console).run(ready)
except supervisor.StartError as error:
    sys.exit(f"not started: {error}")
finally:
    console.stream.finish(0.5)
"""
WAITS = "time.sleep(60)"
BEATS = "fd = int(os.environ['SITE_PULSE_FD'])\nwhile True:\n    os.write(fd, b'.')\n    time.sleep(0.05)"
LISTENS = "child.SILENT_SECONDS = 2; supervisor.LOOK_SECONDS = supervisor.PAUSE_SECONDS = 0.3"
TAKES_A_SECOND = (
    "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(1), sys.exit('done'))); print('set'); time.sleep(60)"
)
STUBBORN = "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(60)"


class Supervised:
    def __init__(self, directory, stages: str, setup: str = "", *, unread: bool = False) -> None:
        self.log = directory / "log"
        code = SUPERVISOR.replace("try:", f"{setup}\ntry:")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code, directory, stages],
                cwd=ROOT,
                stdout=subprocess.PIPE if unread else log,
                stderr=log,
            )

    def lines(self, part: str) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if part in line]

    def wait_for(self, part: str, times: int = 1) -> str:
        found = eventually(
            lambda: self.lines(part)[times - 1 :],
            what=lambda: f"{part} in {self.log.read_text()}",
        )
        return found[0]

    def pids(self) -> list[int]:
        return [int(line.rsplit(maxsplit=1)[1]) for line in self.lines("]: pid ")]

    def ends(self, seconds: float = PATIENCE_SECONDS) -> int:
        code = self.process.wait(seconds)
        eventually(lambda: not any(map(lives, self.pids())), seconds=2, what=self.pids())
        return code


@pytest.fixture
def supervise(tmp_path):
    started = []

    def start(stages: str, setup: str = "", **options: bool) -> Supervised:
        started.append(Supervised(tmp_path, stages, setup, **options))
        return started[-1]

    yield start
    for supervised in started:
        supervised.process.kill()
        supervised.process.wait()


def test_a_stage_starts_when_the_previous_one_is_ready(supervise, tmp_path):
    touch = f"time.sleep(0.3); open(r'{tmp_path}/made', 'w'); {WAITS}"
    look = f"print('made:', os.path.exists(r'{tmp_path}/made')); {WAITS}"
    supervised = supervise(f"[[process('first', {touch!r}, ready='made')], [process('second', {look!r})]]")
    supervised.wait_for("all ready")
    supervised.wait_for("made: True")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_in_reverse_order(supervise, number):
    says = "signal.signal(signal.SIGTERM, lambda *_: sys.exit('bye')); print('set'); time.sleep(60)"
    supervised = supervise(f"[[process('first', {says!r})], [process('second', {says!r})]]")
    supervised.wait_for("all ready")
    supervised.wait_for("set", times=2)
    supervised.process.send_signal(number)
    assert supervised.ends() == 0
    assert [line.split()[2].partition("[")[0] for line in supervised.lines("bye")] == ["second", "first"]


def test_under_nohup_it_survives_the_terminal(supervise):
    supervised = supervise(f"[[process('child', {WAITS!r})]]", setup="signal.signal(signal.SIGHUP, signal.SIG_IGN)")
    supervised.wait_for("all ready")
    supervised.process.send_signal(signal.SIGHUP)
    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.ends() == 0


def test_a_process_that_dies_is_restarted_without_affecting_the_others(supervise):
    dies = "sys.stdin.read(); time.sleep(0.3); sys.exit('tired')"
    supervised = supervise(f"[[process('weak', {dies!r}), process('strong', {WAITS!r})]]")
    supervised.wait_for("weak exited (code 1), restart in 1 s")
    supervised.wait_for("weak started again")
    supervised.wait_for("weak exited (code 1), restart in 2 s")
    assert len(supervised.lines("strong[")) == 1


def test_a_killed_process_is_distinguished_from_one_that_exits(supervise):
    supervised = supervise(f"[[process('child', {WAITS!r})]]")
    supervised.wait_for("all ready")
    supervised.wait_for("]: pid ")
    psutil.Process(supervised.pids()[0]).kill()
    supervised.wait_for("child was killed (SIGKILL), restart in 1 s")


def test_an_essential_process_that_ends_before_it_is_ready_ends_the_start(supervise):
    supervised = supervise(f"[[process('good', {WAITS!r})], [process('bad', 'sys.exit(7)', ready='never')]]")
    assert supervised.ends() == 1
    supervised.wait_for("not started: bad exited (code 7) before it was ready")


def test_an_essential_process_that_is_never_ready_ends_the_start(supervise):
    setup = "supervisor.READY_SECONDS = 0.3"
    supervised = supervise(f"[[process('slow', {WAITS!r}, ready='never')]]", setup)
    assert supervised.ends() == 1
    supervised.wait_for("not started: slow: not ready within")


def test_a_signal_during_the_start_stops_what_was_started(supervise):
    supervised = supervise(f"[[process('first', {WAITS!r})], [process('second', {WAITS!r}, ready='never')]]")
    supervised.wait_for("second[")
    supervised.process.terminate()
    assert supervised.ends() == 0


def test_a_process_that_does_not_stop_is_killed_after_its_time(supervise):
    setup = "supervisor.STOP_SECONDS = 1.5"
    supervised = supervise(f"[[process('other', {WAITS!r})], [process('stubborn', {STUBBORN!r})]]", setup)
    supervised.wait_for("deaf")
    supervised.process.terminate()
    assert supervised.ends() == 0
    supervised.wait_for("stubborn does not stop: killing it")
    assert not supervised.lines("other does not stop")


def test_a_process_that_does_not_stop_leaves_time_for_earlier_stages(supervise):
    stages = f"[[process('server', {TAKES_A_SECOND!r})], [process('stubborn', {STUBBORN!r})]]"
    supervised = supervise(stages, "supervisor.STOP_SECONDS = 3.0")
    supervised.wait_for("set")
    supervised.wait_for("deaf")
    supervised.process.terminate()
    assert supervised.ends() == 0
    supervised.wait_for("]: done")
    assert not supervised.lines("server does not stop")


def test_signals_that_come_together_are_one_request(supervise):
    supervised = supervise(f"[[process('child', {TAKES_A_SECOND!r})]]")
    supervised.wait_for("all ready")
    supervised.wait_for("set")
    supervised.process.send_signal(signal.SIGTERM)
    supervised.process.send_signal(signal.SIGINT)
    supervised.wait_for("]: done")
    assert supervised.ends() == 0
    assert not supervised.lines("does not stop")


def test_a_second_signal_kills_at_once(supervise):
    supervised = supervise(f"[[process('stubborn', {STUBBORN!r})]]")
    supervised.wait_for("deaf")
    supervised.process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    began = time.monotonic()
    supervised.process.send_signal(signal.SIGINT)
    assert supervised.ends() == 0
    assert time.monotonic() - began < STOP_SECONDS / 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_no_process_is_left_when_the_supervisor_itself_is_killed(supervise):
    supervised = supervise(f"[[process('stubborn', {STUBBORN!r})]]")
    supervised.wait_for("deaf")
    supervised.process.kill()
    assert supervised.ends() == -signal.SIGKILL


def test_it_does_not_spin_while_nothing_happens(supervise):
    supervised = supervise(f"[[process('child', 'os.close(1); os.close(2); {WAITS}')]]")
    supervised.wait_for("all ready")
    before = psutil.Process(supervised.process.pid).cpu_times()
    time.sleep(0.5)
    after = psutil.Process(supervised.process.pid).cpu_times()
    assert after.user - before.user < 0.1


def test_an_optional_process_that_ends_before_it_is_ready_stops_nobody(supervise):
    stages = f"[[process('web', {WAITS!r})], [process('beat', 'sys.exit(7)', ready='never', essential=False)]]"
    supervised = supervise(stages)
    supervised.wait_for("all ready")
    supervised.wait_for("beat exited (code 7), restart in 1 s")
    supervised.wait_for("beat started again")
    assert len(supervised.lines("web[")) == 1


def test_an_optional_process_that_is_late_is_started_again(supervise, tmp_path):
    setup = "child.READY_SECONDS = supervisor.READY_SECONDS = 0.3; supervisor.LOOK_SECONDS = 0.1"
    stages = f"[[process('web', {WAITS!r})], [process('beat', {WAITS!r}, ready='made', essential=False)]]"
    supervised = supervise(stages, setup)
    supervised.wait_for("all ready")
    supervised.wait_for("beat was not ready within 0 s: ending it")
    supervised.wait_for("beat started again")
    # Twice as long, because a machine that was too slow once will be again.
    supervised.wait_for("beat was not ready within 1 s: ending it")
    assert len(supervised.lines("web[")) == 1


def test_a_process_with_a_pulse_is_ready_when_it_says_so(supervise, tmp_path):
    says = f"time.sleep(0.3); open(r'{tmp_path}/made', 'w')\n{BEATS}"
    look = f"print('made:', os.path.exists(r'{tmp_path}/made')); {WAITS}"
    supervised = supervise(f"[[process('first', {says!r}, has_pulse=True)], [process('second', {look!r})]]")
    supervised.wait_for("made: True")


def test_a_hanging_process_is_killed_and_restarted_while_the_others_keep_running(supervise):
    supervised = supervise(f"[[process('web-{{n}}'.format(n=n), {BEATS!r}, has_pulse=True) for n in (1, 2)]]", LISTENS)
    supervised.wait_for("all ready")
    os.kill(int(supervised.wait_for("web-1[").split()[-1]), signal.SIGSTOP)
    supervised.wait_for("web-1 hangs: not heard for")
    supervised.wait_for("web-1 was killed (SIGKILL), restart in 1 s")
    supervised.wait_for("web-1 started again")
    assert not supervised.lines("web-2 hangs")


def test_a_pause_of_all_processes_is_not_held_against_any(supervise):
    supervised = supervise(f"[[process('web', {BEATS!r}, has_pulse=True)]]", LISTENS)
    supervised.wait_for("all ready")
    supervised.wait_for("]: pid ")
    paused = [supervised.process.pid, *supervised.pids()]
    for number in (signal.SIGSTOP, signal.SIGCONT):
        for pid in paused:
            os.kill(pid, number)
        time.sleep(2.5)
    assert not supervised.lines("hangs")


def test_a_stalled_reader_stops_nobody(supervise, tmp_path):
    tells = f"[print('x' * 999) for _ in range(3000)]; open(r'{tmp_path}/told', 'w'); {WAITS}"
    supervised = supervise(f"[[process('talker', {tells!r})]]", unread=True)
    eventually((tmp_path / "told").exists, what="all is said")
    supervised.process.terminate()
    assert supervised.process.wait(PATIENCE_SECONDS) == 0
    assert b"]: xxx" in supervised.process.stdout.read()
