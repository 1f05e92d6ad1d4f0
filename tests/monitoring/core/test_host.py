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
    assert ProcHost(proc).read() == HostReading(
        cpu_busy=160 / _TICKS_PER_SECOND,
        cpu_total=1010 / _TICKS_PER_SECOND,
        memory_used=3072 * 1024,
        memory_total=4096 * 1024,
        network_sent=230,
        network_recv=6000,
    )


def test_it_reads_files_that_stay_open_anew(proc):
    host = ProcHost(proc)
    host.read()
    (proc / "meminfo").write_text(MEMINFO.replace("1024 kB", "2048 kB"))
    assert host.read().memory_used == 2048 * 1024


def test_missing_files_raise(tmp_path):
    with pytest.raises(OSError, match="stat"):
        ProcHost(tmp_path)


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
    assert own.network_sent == pytest.approx(other.network_sent, rel=0.01, abs=1e6)
    assert own.network_recv == pytest.approx(other.network_recv, rel=0.01, abs=1e6)
