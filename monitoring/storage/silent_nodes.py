"""Closes what silent nodes left open; reopens it if such a node comes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Min

from monitoring.alerting.channel_failures import REPORTER
from monitoring.columns import timestamp
from monitoring.core.alert_episodes import SILENT, NodeAlert
from monitoring.core.causes import Cause
from monitoring.core.records import MONITORING_OFF, NODE_GONE
from monitoring.models import Alert, ClientSession, Minute, Node
from monitoring.storage import forgetting
from monitoring.storage.departure_counts import Correction, correct
from monitoring.storage.episodes import change_node_alerts
from monitoring.storage.vanished_nodes import LEAST_SILENCE, OBSERVER, silence_of

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


def close_departed(now: datetime, *, is_monitored: bool = True) -> int:
    """Closes what nodes left open that have not been heard for 90 s; returns the number of nodes.

    What a node reported ends at its last sign of life. An alert continues, or ended later, if another node reported it.
    If the site is no longer monitored, nodes are silent as soon as they count as vanished, and alerts end for that
    reason, with those about nodes and about all nodes together once none of these is left.
    """
    nodes = list(Node.objects.heard_before(now - (SILENCE if is_monitored else LEAST_SILENCE)))
    if not is_monitored:
        nodes = [node for node in nodes if node.last_seen + silence_of(node) <= now]
    counted: list[Correction] = []
    for node in nodes:
        node.gone = True
        open_ones, moment = ClientSession.objects.of_boot(node.boot).open(), _last_sign(node)
        counted += _killed(node.boot, moment, open_ones.by_path())
        if forgetting.is_too_old(moment):
            open_ones.personal().blank()
        open_ones.cut_off_at(moment)
    correct(counted)
    Node.objects.bulk_update(nodes, ["gone"])
    _close_alerts(now, NODE_GONE if is_monitored else MONITORING_OFF)
    return len(nodes)


def reopen(boot: str, since: datetime) -> None:
    """Reopens what was closed when the boot fell silent at `since`."""

    def reopened(alert: NodeAlert) -> bool:
        if alert.boot != boot or alert.ended not in SILENT:
            return False
        alert.reopen()
        return True

    cut_off = ClientSession.objects.of_boot(boot).cut_off()
    ended = cut_off.aggregate(first=Min("disconnected_at"))["first"]
    if ended is not None:
        correct(_killed(boot, ended, cut_off.by_path(), is_over=False))
        cut_off.reopen()
    last_signs = [_last_sign(node) for node in Node.objects.of_boots({boot})]
    touched = Alert.objects.not_over_before(min([since, *last_signs]))
    subjects = {
        alert.subject
        for alert in touched.only("subject", "reports").iterator()
        if any(report["boot"] == boot and report["ended"] in SILENT for report in alert.reports)
    }
    if subjects:
        change_node_alerts(touched.about_any(subjects), reopened)


def _close_alerts(now: datetime, ended: str) -> None:
    """Ends what fires and whose node is gone, or is not known at all."""
    firing = [alert for row in Alert.objects.firing() for alert in row.node_alerts if alert.until is None]
    known = {node.boot: node for node in Node.objects.of_boots({alert.boot for alert in firing})}
    is_observed = ended == NODE_GONE or Node.objects.present().exists()

    def is_over(alert: NodeAlert) -> bool:
        if alert.boot == OBSERVER:
            return not is_observed
        if alert.boot == REPORTER:
            return False  # A channel works again or not, whichever nodes there are.
        return alert.boot not in known or known[alert.boot].gone

    over = {alert.boot for alert in firing if is_over(alert)}
    if not over:
        return

    def closed(alert: NodeAlert) -> bool:
        if alert.until is not None or alert.boot not in over:
            return False
        node = known.get(alert.boot)
        if alert.boot == OBSERVER:
            alert.close(now.timestamp(), ended)
        else:
            alert.close((alert.last_at or alert.since) if node is None else _last_sign(node).timestamp(), ended)
        return True

    change_node_alerts(Alert.objects.firing(), closed)


def _killed(boot: str, moment: datetime, paths: Mapping[str, int], *, is_over: bool = True) -> list[Correction]:
    """The departures of a killed node, counted in the last minute that it measured; or no longer, if it is heard
    again."""
    # A moment later it had measured nothing, so there may be no minute to count them in.
    last = moment - timedelta(milliseconds=1)
    before, after = (None, Cause.SERVER_KILLED) if is_over else (Cause.SERVER_KILLED, None)
    return [Correction(boot, last, path, before, after, count) for path, count in paths.items()]


def _last_sign(node: Node) -> datetime:
    """When it last measured anything: batches on a killed node's disk may arrive hours later."""
    own = Minute.objects.filter(node=node.node, boot=node.boot)
    measured = own.order_by("-minute").values_list("ended", flat=True).first()
    return node.last_seen if measured is None else min(node.last_seen, timestamp(measured))
