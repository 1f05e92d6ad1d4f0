"""Marks what nodes tell: a clock that was set, and a start with other versions than those of the boot before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from monitoring.columns import fitting, timestamp
from monitoring.core.records import Batch
from monitoring.core.versions import change
from monitoring.models import Marker, Node
from monitoring.models.marker import LONGEST_TEXT

ROLLING = timedelta(minutes=15)
"""Between two nodes of one deployment that replaces them one after the other."""

LONGEST_DEPLOYMENT = timedelta(hours=6)

MOST_VERSIONS, LONGEST_NAME, LONGEST_VERSION = 40, 40, 64


def store(batches: Sequence[Batch]) -> None:
    """Marks what these batches tell, and stores nodes' versions; all boots are stored."""
    for batch in batches:
        for jump in batch.jumps:
            # Once for all nodes of the host, at the earlier of the two times.
            Marker.objects.mark_jump(timestamp(min(jump.at, jump.at - jump.seconds)), fitting(batch.host), jump.seconds)
    _store_versions(batches)


def _store_versions(batches: Iterable[Batch]) -> None:
    """Stores the versions that these batches tell. A boot of other versions than the one before it leaves a marker.

    Every node of a deployment changes in the same way; they share the first one's marker.
    """
    telling = {batch.boot: batch for batch in batches if batch.versions}
    nodes = list(Node.objects.of_boots(set(telling))) if telling else []
    for node in nodes:
        node.versions = _fitting(telling[node.boot].versions)
    Node.objects.bulk_update(nodes, ["versions"])
    starts = [(_start(node, telling[node.boot]), node) for node in nodes]
    for at, node in sorted(starts, key=lambda found: found[0]):
        before = _before(node, at)
        if before is not None and (text := change(before, node.versions, LONGEST_TEXT)):
            undone = change(node.versions, before, LONGEST_TEXT)
            Marker.objects.mark_versions(at, text, undone, since=_deployment(node, at))


def _fitting(versions: Mapping[str, str]) -> dict[str, str]:
    """What a node says of its versions, within bounds."""
    found = sorted(versions.items())[:MOST_VERSIONS]
    return {fitting(name, LONGEST_NAME): fitting(version, LONGEST_VERSION) for name, version in found}


def _start(node: Node, batch: Batch) -> datetime:
    """When the boot began to measure: a batch that waited on a disk is late, but its node was not."""
    measured = [timestamp(sample.start) for sample in batch.samples]
    return min([node.first_seen, *measured])


def _before(node: Node, at: datetime) -> Mapping[str, str] | None:
    """The versions of the boot that this one follows; None if there is none, or if it is nothing new.

    That is the last earlier boot of the node's name. A name that is new, as each container's may be, follows the last
    earlier boot on its host, or else of the whole site; but not if a node that runs has the same versions.
    """
    earlier = Node.objects.of_known_versions().started_before(at).exclude(pk=node.pk)
    found = earlier.named(node.node).latest_start()
    if found is None:
        if any(other.versions == node.versions for other in earlier.present()):
            return None
        found = earlier.on_host(node.host).latest_start() or earlier.latest_start()
    return None if found is None else found.versions


def _deployment(node: Node, at: datetime) -> datetime:
    """Since when nodes have been starting with these versions, one within a quarter of an hour of the next."""
    since = at
    for started, versions in Node.objects.of_known_versions().versions_of_starts(at - LONGEST_DEPLOYMENT, at):
        if since - started > ROLLING:
            break
        if versions == node.versions:
            since = started
    return since - ROLLING
