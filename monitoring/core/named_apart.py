"""Nodes that share a label get distinct names before people see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from monitoring.core.identity import distinct_names

if TYPE_CHECKING:
    from monitoring.core.message import Report


def named_apart(reports: Sequence[Report]) -> Sequence[Report]:
    """The reports with distinct names for nodes that share a label, also where rows and alerts name them."""
    if len({report.node for report in reports}) == len(reports):
        return reports
    names = distinct_names((report.boot, report.node) for report in reports)
    return [report if names[report.boot] == report.node else _renamed(report, names[report.boot]) for report in reports]


def _renamed(report: Report, name: str) -> Report:
    alerts = [
        {**alert, "node": name, "subject": name if alert["subject"] == report.node else alert["subject"]}
        for alert in report.alerts
    ]
    rows = {
        view: msgspec.structs.replace(shown, rows=[{**row, "node": name} for row in shown.rows])
        for view, shown in report.rows.items()
    }
    looked_at = {client_id: {**second, "node": name} for client_id, second in report.looked_at.items()}
    return msgspec.structs.replace(report, node=name, alerts=alerts, rows=rows, looked_at=looked_at)
