import os
import sys
from pathlib import Path

import pytest

from monitoring.core.host import _TICKS_PER_SECOND, HostReading, OpenFile, ProcHost
from monitoring.core.probe import PsutilHost

STAT = "cpu  100 20 30 800 50 0 0 10 7 3\ncpu0 1 2 3 4 5 6 7 8 9 10\n"
MEMINFO = "MemTotal:        4096 kB\nMemFree:          512 kB\nMemAvailable:    1024 kB\nBuffers: 1 kB\n"
NET_DEV = (
    "Inter-|   Receive                            |  Transmit\n"
    " face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier\n"
    "    lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0\n"
    "  eth0: 1000 1 0 0 0 0 0 0 200 1 0 0 0 0 0 0\n"
    "wlan0:5000 1 0 0 0 0 0 0 30 1 0 0 0 0 0 0\n"
)


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "net").mkdir()
    (tmp_path / "stat").write_text(STAT)
    (tmp_path / "meminfo").write_text(MEMINFO)
    (tmp_path / "net" / "dev").write_text(NET_DEV)
    return tmp_path


def test_it_reads_the_kernels_files(proc):
    assert ProcHost(proc, proc / "sys").read() == HostReading(
        cpu_busy=160 / _TICKS_PER_SECOND,
        cpu_total=1010 / _TICKS_PER_SECOND,
        memory_used=3072 * 1024,
        memory_total=4096 * 1024,
        network_sent=230,
        network_recv=6000,
    )


def test_it_reads_open_files_again(proc):
    host = ProcHost(proc)
    host.read()
    (proc / "meminfo").write_text(MEMINFO.replace("1024 kB", "2048 kB"))
    assert host.read().memory_used == 2048 * 1024


@pytest.mark.parametrize(
    ("file", "unknown"),
    [
        ("stat", ("cpu_busy", "cpu_total")),
        ("meminfo", ("memory_used", "memory_total")),
        ("net/dev", ("network_sent", "network_recv")),
    ],
)
@pytest.mark.parametrize("content", [None, "", "garbage\nof\nno: use\n"])
def test_a_missing_or_unknown_file_leaves_out_only_its_own_figures(proc, file, unknown, content):
    whole = ProcHost(proc, proc / "sys").read()
    (proc / file).unlink()
    if content is not None:
        (proc / file).write_text(content)
    reading = ProcHost(proc, proc / "sys").read()
    if content == "" and file == "net/dev":
        assert reading == whole._replace(network_sent=0, network_recv=0)
        return
    (reason,) = reading.reasons
    assert reason.startswith(unknown[0].partition("_")[0])
    assert reading == whole._replace(**dict.fromkeys(unknown), reasons=(reason,))


def test_a_file_that_appears_later_is_read_from_then_on(proc):
    (proc / "stat").unlink()
    host = ProcHost(proc, proc / "sys")
    assert host.read().cpu_total is None
    (proc / "stat").write_text(STAT)
    assert host.read().cpu_total is not None


def test_files_are_read_to_their_end_in_small_pieces_too(proc, monkeypatch):
    lines = [f"eth{number}: 1000 1 0 0 0 0 0 0 200 1 0 0 0 0 0 0\n" for number in range(500)]
    (proc / "net" / "dev").write_text("head\nhead\n" + "".join(lines))
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda descriptor, size, offset: pread(descriptor, min(size, 4_013), offset))
    host = ProcHost(proc, proc / "sys")
    for _ in range(2):
        reading = host.read()
        assert (reading.network_sent, reading.network_recv) == (500 * 200, 500 * 1000)


def test_it_leaves_no_file_open(tmp_path):
    (tmp_path / "file").write_text("text")
    file = OpenFile(tmp_path / "file")
    descriptor = file._descriptor
    del file
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_it_agrees_with_psutil():
    own, other = ProcHost().read(), PsutilHost().read()
    assert own.cpu_total == pytest.approx(other.cpu_total, abs=1.0)
    assert own.cpu_busy == pytest.approx(other.cpu_busy, abs=1.0)
    assert own.memory_total == other.memory_total
    assert own.memory_used == pytest.approx(other.memory_used, rel=0.05)
