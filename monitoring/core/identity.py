"""Who a node is: generated when a process first asks, because a server may import first and fork afterwards."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterable

SHORTEST_MARK = 4

_forks = 0


def forks() -> int:
    """A number that differs in a process that was forked from this one."""
    return _forks


def _forked() -> None:
    global _forks
    _forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class Identity:
    """One start of one node: `boot` is random and unique, `node` its label for people, by default `host:pid`.

    Labels need not be unique, and a restarted node may have its former one.
    """

    def __init__(self, node: str | None = None) -> None:
        self._given = node
        self._made_at: int | None = None
        self._node = self._boot = ""

    @property
    def host(self) -> str:
        return socket.gethostname()

    @property
    def node(self) -> str:
        self._make()
        return self._node

    @property
    def boot(self) -> str:
        self._make()
        return self._boot

    def _make(self) -> None:
        if self._made_at != _forks:
            self._made_at = _forks
            self._node = self._given or f"{self.host}:{os.getpid()}"
            self._boot = uuid.uuid4().hex[:16]


class Identified:
    """Something that has an identity on request."""

    identity: Identity

    @property
    def host(self) -> str:
        return self.identity.host

    @property
    def node(self) -> str:
        return self.identity.node

    @property
    def boot(self) -> str:
        return self.identity.boot


def distinct_names(nodes: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The name of each boot among these pairs of boot and label.

    It is the label, followed by the beginning of the boot if several have the same label.
    """
    by_label: dict[str, set[str]] = {}
    for boot, label in nodes:
        by_label.setdefault(label, set()).add(boot)
    names: dict[str, str] = {}
    for label, boots in by_label.items():
        length = SHORTEST_MARK
        while len({boot[:length] for boot in boots}) < len(boots):
            length += 1
        names |= {boot: label if len(boots) == 1 else f"{label}#{boot[:length]}" for boot in boots}
    return names
