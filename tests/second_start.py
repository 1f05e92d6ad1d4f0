"""Starts and stops the site twice on one data directory, under the Python that runs this script, in a new environment.

A system's own Python lacks parts that others have, such as libraries for key-value files, and the difference often
shows only at the second start. `make second-start` runs it under /usr/bin/python3.
"""

import http.client
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120
STOP_SECONDS = 20
RUNS = "The avatar site runs at"
PROCESSES = ("valkey", "web-1", "web-2", "worker", "beat")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="second-start-") as name:
        directory = Path(name)
        python = environment(directory / "venv")
        for number in ("first", "second"):
            print(f"{number} start under Python {sys.version.split()[0]}: {start_and_stop(python, directory)}")


def environment(directory: Path) -> Path:
    """The Python of a new virtual environment with the site's requirements."""
    subprocess.run([sys.executable, "-m", "venv", directory], check=True)
    python = directory / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", ROOT / "requirements.txt"], check=True)
    return python


def start_and_stop(python: Path, directory: Path) -> str:
    """What happened, in a few words; exits with the site's output on a failure."""
    port, log = free_port(), directory / "log"
    # Neither another Python's programs nor the terminal's language.
    variables = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "AVATAR_DATA_DIR": str(directory / "data")}
    command = [python, "manage.py", "start_avatar_web_server", "--workers", "2", "--port", str(port)]
    began = time.monotonic()
    with log.open("wb") as output:
        site = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=output, stderr=subprocess.STDOUT)
    try:
        while RUNS not in log.read_text():
            if site.poll() is not None or time.monotonic() - began > START_SECONDS:
                sys.exit(f"The site did not start:\n{log.read_text()}")
            time.sleep(0.1)
        ready = [line.partition("]: ")[2].split()[0] for line in log.read_text().splitlines() if "ready after" in line]
        if tuple(ready) != PROCESSES or status(port) != 200:
            sys.exit(f"The site does not work:\n{log.read_text()}")
        started = time.monotonic() - began
        site.send_signal(signal.SIGTERM)
        if site.wait(STOP_SECONDS) != 0:
            sys.exit(f"The site ended with code {site.returncode}:\n{log.read_text()}")
    finally:
        if site.poll() is None:
            site.kill()
            site.wait()
    return f"ready after {started:.1f} s"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    finally:
        connection.close()


if __name__ == "__main__":
    main()
