"""What a node left open that is no longer heard is closed; it is opened again should the node come back."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitoring.columns import timestamp
from monitoring.models import Alert, ClientSession, Minute, Node

SILENCE = timedelta(seconds=90)


def close_departed(now: datetime) -> int:
    """Closes what nodes left open that have not been heard for 90 s; how many nodes they were."""
    nodes = list(Node.objects.heard_before(now - SILENCE))
    for node in nodes:
        _close(node)
    return len(nodes)


def reopen(boot: str, since: datetime) -> None:
    """Takes back what was closed when the boot fell silent at `since`."""
    ClientSession.objects.of_boot(boot).cut_off().reopen()
    last_signs = [_last_sign(node) for node in Node.objects.of_boots({boot})]
    for alert in Alert.objects.cut_off().ended_since(min([since, *last_signs])):
        if boot in alert.reporters:
            _reopen_alert(alert, boot)


def _close(node: Node) -> None:
    node.gone = True
    node.save(update_fields=["gone"])
    last_sign = _last_sign(node)
    ClientSession.objects.of_boot(node.boot).open().cut_off_at(last_sign)
    for alert in Alert.objects.firing():
        if node.boot in alert.reporters:
            _leave(alert, node, last_sign)


def _last_sign(node: Node) -> datetime:
    """When it last measured anything: what a killed node had on disk is heard when another one starts, hours later."""
    own = Minute.objects.filter(node=node.node, boot=node.boot)
    measured = own.order_by("-minute").values_list("ended", flat=True).first()
    return node.last_seen if measured is None else min(node.last_seen, timestamp(measured))


def _leave(alert: Alert, node: Node, last_sign: datetime) -> None:
    others = [boot for boot in alert.reporters if boot != node.boot]
    if others:
        alert.reporters = others
        alert.save(update_fields=["reporters"])
    else:
        alert.cut_off_at(last_sign)


def _reopen_alert(alert: Alert, boot: str) -> None:
    running = Alert.objects.about(alert.metric, alert.subject).firing().first()
    if running is None:
        alert.reopen()
    elif boot not in running.reporters:
        running.reporters = [*running.reporters, boot]
        running.save(update_fields=["reporters"])
