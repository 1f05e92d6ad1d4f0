"""What the API answers, as examples made from its schema: every key is there, with a value of a small site."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

AT = "2026-11-27T09:31:04.120Z"
NODE = "web:1"
GAUGES = {"average": 21.4, "minimum": 14.1, "maximum": 88.0, "p50": 15.2, "p95": 61.0, "p99": 84.5}

VALUES: Mapping[str, Any] = {
    "Problem.error": "bad_parameter", "Problem.message": "limit=500: must be 1 to 100",
    "Problem.parameter": "limit", "Problem.value": "500", "Problem.allowed": "1 to 100",
    "Conflict.error": "already_acknowledged", "Conflict.message": "ann acknowledged it at 2026-11-27 09:31:04 UTC",
    "Conflict.parameter": None, "Conflict.value": None, "Conflict.allowed": None,
    "Rules.rules": None, "DisconnectedClient.outcome": "disconnected", "RuleInForce.name": "cpu_percent",
    "StoredMarker.kind": "deploy", "StoredMarker.text": "2.4.1", "LiveGauge.name": "players", "LiveGauge.value": 212.0,
    "LiveGauge.label": "Players", "LiveGauge.unit": "", "ClientGroup.name": "/ws/avatar/", "SentNotice.kind": "firing",
    "AlertLogLine.kind": "comment", "AlertLogLine.text": "I look into it", "AlertLogLine.until": None,
    "Series.metric": "latency_ms", "Series.label": "Latency", "Series.unit": "ms", "Series.nodes": [],
    "Episode.client_id": "", "AlertDetail.client_id": "", "StartedNode.state": "running",
    "Breakdown.kind": "departures", "LiveNode.gauges": {}, "SilenceRecord.ended_by": "",
    "SilenceRecord.state": "active", "SessionOfClient.disconnected_at": None, "SessionOfClient.ended": "",
    "SessionOfClient.cause": None, "Alerts.not_stored": [], "Breakdown.nodes": [], "Breakdown.coverage": [1.0],
    "ClientHistoryAnswer.latency_ms": [15.2], "ClientHistoryAnswer.fps": [59.9],
    "ClientHistoryAnswer.frame_time_ms": [16.7], "ClientHistoryAnswer.verdict": ["fine"],
    "ClientHistoryAnswer.session": [0],
    "client_id": "ada", "user": "ada", "by": "ann", "room": "lobby", "node": NODE, "host": "web", "path": "/ws/avatar/",
    "subject": "web", "remote": "192.0.2.7", "browser": "Firefox 145", "boot": "5f1c0d9a2b7e",
    "verdict": "fine", "sure": None, "evidence": {}, "states": {"live": 25, "idle": 1},
    "LiveClient.states": ["live"], "verdicts": {"fine": 25, "network": 1}, "hidden": False,
    "metric": "cpu_percent", "rule": "cpu_percent", "scope": "host", "severity": "warning", "state": "firing",
    "message": "High CPU usage: 85.3%", "value": 85.3, "current": 91.2, "peak": 93.0, "last": 91.2, "threshold": 80.0,
    "exit_threshold": 76.0, "each_threshold": None, "comparison": ">", "reason": "", "runbook": "", "ended": "",
    "cause": "left", "error": "", "close_code": 1001, "flapping": False, "grouped": False, "silenced": False,
    "examples": [], "acknowledged": None, "known_until": None, "ended_at": None, "ended_by": None, "repeats": "",
    "disconnected_at": AT, "given_up_at": None, "missing_nodes": [], "gauges": [], "bounded": False, "coverage": 1.0,
    "tier": "minute", "from": "2026-11-27T08:31:00Z", "to": AT, "bucket_seconds": 12, "step_seconds": 10,
    "fps": 59.9, "low_fps": 48.2, "frame_time_ms": 16.7, "average_latency_ms": 15.2, "latency_average_ms": 15.2,
    "p50_latency_ms": 14.1, "p95_latency_ms": 30.2, "p99_latency_ms": 61.0, "latency_ms": 14.9, "jitter_ms": 2.1,
    "matchers": {"host": "web-*"}, "text": "I look into it", "channel": "ops", "attempts": 1, "next": None,
    "versions": {"code": "2.4.1", "python": "3.12.3", "server": "daphne 4.2.2"}, "stretched": False, "complete": True,
    "no_data": "ok", "outcome": "disconnected", "system": {"cpu_percent": 35.2, "memory_percent": 62.8},
    "server": {"active_connections": 26, "messages_per_second": 60.3, "average_latency_ms": 15.2},
    "duration_seconds": 3720.5, "duration": 132.0, "connection_duration": 90.5, "interval": 1.0, "for_seconds": 10.0,
    "keep_firing_seconds": 10.0, "no_data_seconds": 60.0, "clients_total": 26, "clients_matched": 26, "clients": 26,
    "messages": 412, "message_count": 412, "bytes_sent": 51200, "bytes_received": 25600, "long_frames": 3, "id": 17,
    "fps_average": 59.2, "epoch": "5f1c0d9a2b7e", "rules_version": "9f2c04d1", "seq": 1284, "count": 720, "done": 3,
    "already": 1, "resolved": 0, "hides": 2, "times": [AT], "seconds": [10],
    "totals": {"left": [12], "server stopped": [1]}, "counts": {"left": [12], "server stopped": [1]},
    "unsent_bytes": [0], "kernel_rtt_ms": [11.8], "handler_ms": [0.2],
    "messages_received_per_second": [2.0], "messages_sent_per_second": [3.0],
    "bytes_received_per_second": [310.0], "bytes_sent_per_second": [640.0],
    **GAUGES,
}  # fmt: skip
"""By object and key, or by key alone; what is not here follows from its type."""

OF_TYPES: Mapping[str, Any] = {"string": "…", "integer": 1, "number": 1.0, "boolean": False, "object": {}, "null": None}


def answer_example(name: str, known: Schema) -> str:
    """An object of the schema as indented JSON."""
    return json.dumps(_object(name, known), indent=2, ensure_ascii=False)


def _object(name: str, known: Schema) -> dict[str, Any]:
    properties = known[name].get("properties", {})
    return {key: _value(name, key, described, known) for key, described in properties.items()}


def _value(owner: str, key: str, described: Schema, known: Schema) -> Any:
    if VALUES.get(f"{owner}.{key}") is not None:
        return VALUES[f"{owner}.{key}"]
    if "$ref" in described:
        return _object(described["$ref"].rpartition("/")[2], known)
    if "anyOf" in described:
        return _choice(owner, key, described["anyOf"], known)
    if described.get("type") == "array":
        items = described["items"]
        return [_value(owner, "", items, known)] if "$ref" in items else _list(key, items)
    if key in VALUES:
        return VALUES[key]
    if described.get("format") == "date-time":
        return AT
    if "enum" in described:
        return described["enum"][0]
    return OF_TYPES.get(described.get("type", "object"))


def _choice(owner: str, key: str, choices: list[Schema], known: Schema) -> Any:
    """Of a value that may be null what it is otherwise, unless the tables say that it is null."""
    may_be_null = any(one.get("type") == "null" for one in choices)
    if may_be_null and (f"{owner}.{key}" in VALUES or VALUES.get(key, "") is None):
        return None
    return _value(owner, key, next(one for one in choices if one.get("type") != "null"), known)


def _list(key: str, items: Schema) -> list[Any]:
    found = VALUES.get(key)
    if isinstance(found, list):
        return found
    if items.get("format") == "date-time":
        return [AT]
    single = next((one for one in items.get("anyOf", [items]) if one.get("type") != "null"), items)
    return [OF_TYPES.get(single.get("type", "object"))]
