"""Moments at which charts draw a line: marked by hand, a clock that was set, other versions, a node that started."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils.translation import gettext, ngettext

from monitoring.models import Marker, Node
from monitoring.models.marker import CLOCK, VERSION

MOST_OF_A_KIND = 200
TOGETHER = timedelta(minutes=1)
NAMED = 3


MarkKind = Literal["deploy", "clock", "version", "start"]
KINDS: dict[str, MarkKind] = {CLOCK: "clock", VERSION: "version"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment; `kind` is `deploy` for a person's mark, `clock` for a clock that was set, `version` for other versions
    than before, `start` for node starts."""

    at: datetime
    text: str
    kind: MarkKind


def marks(start: datetime, end: datetime, node: str = "") -> list[Mark]:
    """The marks of a range in order, at most the newest few hundred; with a node, only its own starts.

    Nodes that started within a minute of the first of them are one mark: a deployment restarts them all.
    """
    nodes = Node.objects.started_between(start, end)
    if node:
        nodes = nodes.named(node)
    found = _deploys(start, end) + _starts(nodes.latest_starts(MOST_OF_A_KIND))
    return sorted(found, key=lambda mark: mark.at)


def _deploys(start: datetime, end: datetime) -> list[Mark]:
    newest = Marker.objects.between(start, end).latest_first()[:MOST_OF_A_KIND]
    return [Mark(marker.at, marker.words, KINDS.get(marker.kind, "deploy")) for marker in newest]


def _starts(nodes: Iterable[Node]) -> list[Mark]:
    groups: list[list[Node]] = []
    for node in nodes:
        if groups and node.first_seen - groups[-1][0].first_seen <= TOGETHER:
            groups[-1].append(node)
        else:
            groups.append([node])
    return [Mark(group[0].first_seen, _text([node.node for node in group]), "start") for group in groups]


def _text(names: list[str]) -> str:
    if len(names) == 1:
        return gettext("%(node)s started") % {"node": names[0]}
    text = ngettext("%(count)s node started: %(names)s", "%(count)s nodes started: %(names)s", len(names))
    return text % {"count": len(names), "names": ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")}
