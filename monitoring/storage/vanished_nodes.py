"""An alert for each node that vanished: it did not say that it was stopped, and is no longer heard.

What a run finds depends on the stored nodes only, so that it can be repeated: it reports every node that vanished in
the last hour again, and an alert's beginning identifies it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import redis

from monitoring.core.alert_episodes import NodeAlert
from monitoring.core.alert_rules import NODE_VANISHED, AlertScope, Rule
from monitoring.core.records import NODE_GONE, RULE_CHANGED, AlertRecord, Batch
from monitoring.journal import stream
from monitoring.journal.stream import Keys
from monitoring.models import Alert, ClientSession, Minute, Node
from monitoring.storage.episodes import change_node_alerts, store_alerts

OBSERVER = "fleet"
"""The boot of alerts about nodes that these cannot report themselves."""

LEAST_SILENCE = timedelta(seconds=20)
"""Nodes append every five seconds, and try again after six at most. Nodes with longer intervals may be silent longer,
for three of these and ten seconds."""

HOLD = timedelta(minutes=1)
"""How long it fires at least, however soon another node takes the place of the one that vanished."""

LASTS = timedelta(hours=1)
"""How long it fires if nothing takes that place."""

PRESENT = timedelta(seconds=90)
"""A node that was heard within this time counts as running."""


REDIS_GRACE = 20.0
"""Seconds in which every node has found a Redis that was started again."""


def has_room(client: redis.Redis, of: Keys) -> bool:
    """Whether the journal accepts what nodes append."""
    if client.xlen(of.stream) >= stream.FULL_ENTRIES:
        return False
    return stream.memory_share(client.info("memory")) < stream.FULL_MEMORY


def redis_is_settled(client: redis.Redis) -> bool:
    """Whether the Redis server was started so long ago that every node has found it."""
    return bool(client.info("server")["uptime_in_seconds"] >= REDIS_GRACE)


def report_vanished(now: datetime, before: datetime, rule: Rule | None = NODE_VANISHED) -> bool:
    """Begins and ends the alerts about vanished nodes; returns whether that changed any.

    `before` is when this was last done. Without a rule, none fires. It ends when the node is heard again; or when one
    of its name is, or as many nodes on its host as there were, but not in its first minute; or after an hour.
    """
    reports = list(_reports(now, min(before, now), rule)) if rule else []
    is_changed = store_alerts(reports)
    reported = {(alert.subject, alert.since) for batch in reports for alert in batch.alerts}

    def is_over(alert: NodeAlert) -> bool:
        if alert.until is not None or (alert.node, alert.since) in reported:
            return False
        lasts_until = alert.since + LASTS.total_seconds()
        if rule is None:
            alert.close(now.timestamp(), RULE_CHANGED)
        elif now.timestamp() >= lasts_until:
            alert.close(lasts_until, NODE_GONE)
        else:
            alert.close(now.timestamp(), "")  # It is heard again.
        return True

    return change_node_alerts(Alert.objects.firing().of_rule(NODE_VANISHED.key), is_over) or is_changed


def _reports(now: datetime, before: datetime, rule: Rule) -> Iterator[Batch]:
    earliest = before - LASTS - 2 * PRESENT
    silent = Node.objects.vanished_between(earliest, now - LEAST_SILENCE)
    vanished = [(node, gone_at) for node in silent if (gone_at := node.last_seen + silence_of(node)) <= now]
    if not vanished:
        return
    hosts = {node.host for node, _ in vanished}
    around = list(Node.objects.heard_on(hosts, min(node.last_seen for node, _ in vanished)))
    boots = {node.boot for node, _ in vanished}
    present = [one for one in around if not one.left and one.boot not in boots and one.last_seen > now - PRESENT]
    for node, gone_at in vanished:
        record = _record(node, gone_at, _successor_since(node, around, present), now, rule)
        yield Batch(node.node, OBSERVER, node.host, 0, alerts=[record])


def _successor_since(node: Node, around: Collection[Node], present: Collection[Node]) -> datetime | None:
    """Since when another node has been in its place; None if none is."""
    namesakes = [one.first_seen for one in present if one.node == node.node and one.first_seen > node.last_seen]
    if namesakes:
        return min(namesakes)
    moment = node.last_seen
    then = [one for one in around if one.host == node.host and one.first_seen <= moment <= one.last_seen]
    now = [one.first_seen for one in present if one.host == node.host]
    return max(now) if now and len(now) >= len(then) else None


def _record(node: Node, gone_at: datetime, succeeded: datetime | None, now: datetime, rule: Rule) -> AlertRecord:
    lasts_until, ended = gone_at + LASTS, NODE_GONE
    if succeeded is not None:
        lasts_until, ended = min(lasts_until, max(succeeded, gone_at + HOLD)), ""
    is_over = now >= lasts_until
    clients = float(ClientSession.objects.of_boot(node.boot).lost().count())
    return AlertRecord(
        metric=NODE_VANISHED.metric,
        subject=node.node,
        state="resolved" if is_over else "firing",
        at=(lasts_until if is_over else now).timestamp(),
        severity=rule.severity,
        message=rule.message.format(value=clients, subject=node.node),
        value=clients,
        threshold=rule.threshold,
        peak=clients,
        since=gone_at.timestamp(),
        ended=ended if is_over else "",
        rule=rule.key,
        scope=AlertScope.NODE,
        last=clients,
    )


def silence_of(node: Node) -> timedelta:
    """How long a node that measures at its interval may be silent before it counts as vanished."""
    own = Minute.objects.filter(node=node.node, boot=node.boot).order_by("-minute")
    coverage, readings = own.values_list("coverage", "connections_count").first() or (0.0, 0)
    interval = coverage / readings if readings else 0.0
    return max(LEAST_SILENCE, timedelta(seconds=3 * interval + 10))
