"""Closes what silent nodes left open; reopens it if such a node comes back."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitoring.columns import timestamp
from monitoring.core.alert_episodes import NodeAlert
from monitoring.core.records import NODE_GONE
from monitoring.models import Alert, ClientSession, Minute, Node
from monitoring.storage.episodes import change_node_alerts

SILENCE = timedelta(seconds=90)


UNBROKEN = timedelta(seconds=30)
"""Between two entries of a journal that nodes append to whenever they have something."""


class UnbrokenSpan:
    """The range in which the journal accepted entries without a break, by its own clock, UTC epoch seconds."""

    def __init__(self) -> None:
        self.since = self.until = 0.0

    def entry(self, at: float) -> None:
        if at - self.until > UNBROKEN.total_seconds():
            self.since = at
        self.until = max(self.until, at)

    @property
    def is_proof(self) -> bool:
        """Whether a node that is not in the last part of it can only have been silent."""
        return self.until - self.since > SILENCE.total_seconds()


def close_departed(now: datetime) -> int:
    """Closes what nodes left open that have not been heard for 90 s; returns the number of nodes.

    What a node reported ends at its last sign of life. An alert continues, or ended later, if another node reported it.
    """
    nodes = list(Node.objects.heard_before(now - SILENCE))
    last_signs = {node.boot: _last_sign(node) for node in nodes}
    for node in nodes:
        node.gone = True
        ClientSession.objects.of_boot(node.boot).open().cut_off_at(last_signs[node.boot])
    Node.objects.bulk_update(nodes, ["gone"])
    if nodes:
        _close_alerts(last_signs)
    return len(nodes)


def reopen(boot: str, since: datetime) -> None:
    """Reopens what was closed when the boot fell silent at `since`."""

    def reopened(alert: NodeAlert) -> bool:
        if alert.boot != boot or alert.ended != NODE_GONE:
            return False
        alert.reopen()
        return True

    ClientSession.objects.of_boot(boot).cut_off().reopen()
    last_signs = [_last_sign(node) for node in Node.objects.of_boots({boot})]
    touched = Alert.objects.not_over_before(min([since, *last_signs]))
    subjects = {
        alert.subject
        for alert in touched.only("subject", "reports").iterator()
        if any(report["boot"] == boot and report["ended"] == NODE_GONE for report in alert.reports)
    }
    if subjects:
        change_node_alerts(touched.about_any(subjects), reopened)


def _close_alerts(last_signs: dict[str, datetime]) -> None:
    def closed(alert: NodeAlert) -> bool:
        if alert.until is not None or alert.boot not in last_signs:
            return False
        alert.close(last_signs[alert.boot].timestamp(), NODE_GONE)
        return True

    change_node_alerts(Alert.objects.firing(), closed)


def _last_sign(node: Node) -> datetime:
    """When it last measured anything: batches on a killed node's disk may arrive hours later."""
    own = Minute.objects.filter(node=node.node, boot=node.boot)
    measured = own.order_by("-minute").values_list("ended", flat=True).first()
    return node.last_seen if measured is None else min(node.last_seen, timestamp(measured))
