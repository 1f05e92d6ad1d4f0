"""One interpreter for all the lines of code that a test has a site run: each start of Django costs a second."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

LOOP = """
import contextlib, io, json, sys, traceback
import django
django.setup()
from django.db import connections
for line in sys.stdin:
    printed, error = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(printed):
            exec(json.loads(line), {})
    except Exception:
        error = traceback.format_exc()
    # A database that is restored or moved meanwhile is opened again.
    connections.close_all()
    print(json.dumps([printed.getvalue(), error]), flush=True)
"""


class Console:
    """A Python that has set Django up and runs code until it is closed; no name of one piece is known to the next."""

    def __init__(self, root: Path, environment: Mapping[str, str], log: Path) -> None:
        self.root, self.environment = root, dict(environment)
        self._log = log
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-c", LOOP],
                cwd=root,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
            )

    def run(self, code: str) -> str:
        """What the code prints; AssertionError with its traceback when it fails."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(code) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # the log says why it has ended
        answer = self._process.stdout.readline()
        assert answer, self._log.read_text(errors="replace")
        printed, error = json.loads(answer)
        assert not error, printed + error
        return printed

    def close(self) -> None:
        self._process.communicate()
