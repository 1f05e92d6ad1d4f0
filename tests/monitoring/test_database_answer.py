"""A database that accepts connections and then says nothing, as a command in a process of its own meets it."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.site import ROOT

# PostgreSQL's AuthenticationOk and ReadyForQuery.
WELCOME = b"R\0\0\0\x08\0\0\0\0" + b"Z\0\0\0\x05I"


@pytest.fixture(params=[b"", WELCOME], ids=["never answers", "answers no query"])
def silent(request) -> Iterator[str]:
    """The URL of a PostgreSQL that welcomes whoever connects, or not even that, and then is silent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    held.append(connection)
                    connection.recv(8)
                    # No to encryption, then the greeting to whoever introduces itself.
                    connection.sendall(b"N")
                    if request.param:
                        connection.recv(4_096)
                        connection.sendall(request.param)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"postgres://user@127.0.0.1:{server.getsockname()[1]}/site?gssencmode=disable"
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    for connection in held:
        connection.close()


def test_monitor_status_says_what_it_asked_and_how_long_it_waited(silent, tmp_path):
    environment = {
        "DJANGO_SETTINGS_MODULE": "avatar_site.settings",
        "AVATAR_DATA_DIR": str(tmp_path),
        "DATABASE_URL": silent,
        "REDIS_URL": "",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "monitor_status"],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 3, done.stderr
    expected = "database cannot be used: it was asked for a connection and SELECT 1, and did not answer in 3 s"
    assert expected in done.stdout.splitlines()[0]


WITHOUT_A_DATABASE = """
import django
from django.conf import settings
settings.configure(DATABASES={})
django.setup()
from monitoring.database_answer import wait_for_database
wait_for_database()
"""


def test_a_project_without_a_database_gets_no_traceback_each_time_that_it_is_probed():
    done = subprocess.run([sys.executable, "-c", WITHOUT_A_DATABASE], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
