"""This node's name: `AVATAR_NODE_NAME` or its host, and the lowest number that no other running process has.

A taken name is a locked file beside the spilled batches, which the kernel frees with its process: the next process to
start has it again, however the one before ended. Processes that share a name but no directory, such as two containers,
see each other's totals on Redis.
"""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import threading
import uuid
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import redis
from django.db import connections

from monitoring import conf, redis_connections, site
from monitoring.fleet import totals
from monitoring.journal import stream

logger = logging.getLogger(__name__)

MOST_NUMBERS = 1_000
ASK_SECONDS = 1.5
TAKEN_SECONDS = 12.0
"""A node writes its totals every five seconds; if it wrote none for this long, its name is free."""


class NodeName(NamedTuple):
    """A name, and the scope of its lock: processes with one `place` never share a name."""

    name: str
    place: str


class Names:
    """The names that processes have taken in a directory. All methods raise OSError if it is not writable."""

    def __init__(self, directory: Path) -> None:
        directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.mkdir(mode=0o700, exist_ok=True)
        self._directory = directory
        self.place = self._own_place()

    def take(self, name: str) -> bool:
        """Takes a name as long as the process lives; False while another process has it."""
        descriptor = os.open(self._directory / f"{quote(name, safe='')}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:
            os.close(descriptor)
            raise
        _held.append(descriptor)
        return True

    def give_back(self) -> None:
        """Frees the name taken last."""
        os.close(_held.pop())

    def _own_place(self) -> str:
        path = self._directory / "place"
        if not path.exists():
            new = path.with_suffix(f".{uuid.uuid4().hex}")
            with open(os.open(new, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(uuid.uuid4().hex[:16])
            try:
                with suppress(FileExistsError):
                    os.link(new, path)  # of two processes that start at once only one can do this
            finally:
                new.unlink()
        return path.read_text()


class Elsewhere:
    """The names of this site's nodes in other places."""

    def __init__(self, redis_url: str, place: str) -> None:
        self._client = redis_connections.connect(redis_url)
        self._place = place
        self._site = site.name()
        fresh = stream.now(self._client) - TAKEN_SECONDS
        others = (node for node in totals.read(self._client) if node.place != place and node.written_at > fresh)
        self._taken = {node.node for node in others}

    def close(self) -> None:
        self._client.close()

    def take(self, name: str) -> bool:
        """Takes a name until this node's totals show who has it; False if a node elsewhere has it."""
        if name in self._taken:
            return False
        key = site.key_of(self._site, f"name:{name}")
        try:
            if self._client.set(key, self._place, nx=True, ex=int(TAKEN_SECONDS)):
                return True
            return self._client.get(key) in (None, self._place.encode())
        except redis.RedisError:
            return True


def own_name() -> NodeName:
    """This process's name, which it keeps; asks Redis and the disk once, for two seconds at most."""
    settings = conf.current()
    given, directory = settings.node_name, settings.spill_directory
    key = given, str(directory)
    if key not in _chosen:
        _chosen[key] = _choose(given, None if directory is None else directory / "nodes")
    return _chosen[key]


def _choose(given: str, directory: Path | None) -> NodeName:
    base = given or socket.gethostname()
    names = _names(directory)
    place = names.place if names else uuid.uuid4().hex[:16]
    elsewhere = _ask(place)
    candidates = [given or f"{base}:1", *(f"{base}:{number}" for number in range(2, MOST_NUMBERS + 1))]
    try:
        name = _first_free(candidates, names, elsewhere)
    except OSError as error:
        _warn(error)
        name = _first_free(candidates, None, elsewhere)
    if elsewhere is not None:
        elsewhere.close()
    return NodeName(name or f"{base}:{os.getpid()}", place)


def _first_free(candidates: Iterable[str], names: Names | None, elsewhere: Elsewhere | None) -> str | None:
    """The first free name, which this process now has; None if the other names are unknown."""
    if names is None and elsewhere is None:
        return None
    for name in candidates:
        if names is not None and not names.take(name):
            continue
        if elsewhere is None or elsewhere.take(name):
            return name
        if names is not None:
            names.give_back()
    return None


def _names(directory: Path | None) -> Names | None:
    if directory is None:
        return None
    try:
        return Names(directory)
    except OSError as error:
        _warn(error)
        return None


def _warn(error: OSError) -> None:
    logger.warning("Cannot reserve the node's name, so this node may have another name after a restart: %s", error)


def _ask(place: str) -> Elsewhere | None:
    """Other nodes' names; None if they are not known within a moment, because a start waits for nothing."""
    redis_url = conf.current().redis_url
    if not redis_url:
        return None
    found: list[Elsewhere] = []

    def ask() -> None:
        # The database may have to tell the site's name, and cannot be asked in a thread that runs an event loop.
        try:
            found.append(Elsewhere(redis_url, place))
        except (
            Exception
        ) as error:  # whatever is away: names that are taken twice are distinguished where they are shown
            logger.debug("Cannot read the names of other nodes: %s", error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=ask, name="names of other nodes", daemon=True)
    thread.start()
    thread.join(ASK_SECONDS)
    return found[0] if found else None


_chosen: dict[tuple[str, str], NodeName] = {}
_held: list[int] = []
"""Files that stay locked while they are open in this process."""


def _forked() -> None:
    """A forked process is another node: what it inherited belongs to its parent."""
    _chosen.clear()
    while _held:
        os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
