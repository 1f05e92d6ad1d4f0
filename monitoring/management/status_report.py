"""The words and tables of `monitor_status`: a status line as monitoring plugins print it, a table, and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from monitoring.columns import timestamp
from monitoring.core.amounts import exact, with_unit
from monitoring.core.counted import counted
from monitoring.extras import MissingExtraError, needed
from monitoring.fleet.totals import NodeTotals
from monitoring.history.site_status import FiringAlert, SiteStatus

MOST_ROWS = 20
"""A table shows this many nodes, and as many alerts."""

NOT_KNOWN = "–"
NODES = ("node", "host", "clients", "CPU %", "memory %", "journal lag s", "up")
ALERTS = ("severity", "alert", "about", "value", "threshold", "peak", "for", "answered")

Row = Sequence[str]


def status_line(status: SiteStatus) -> str:
    """One line: the state, what is the matter, and behind | the figures for a graph."""
    said = [*_without_bars(status.problems), _nodes_in_words(status), _alerts_in_words(status)]
    text = "; ".join(filter(None, said))
    return f"MONITOR {status.level.name} - {text} | {_figures(status)}"


def as_json(status: SiteStatus) -> dict[str, Any]:
    """The same for programs; unknown values are null."""
    return {
        "status": status.level.name.lower(),
        "code": int(status.level),
        "at": status.at.isoformat(),
        "problems": status.problems,
        "nodes": None if status.nodes is None else [_node_as_json(node) for node in status.nodes],
        "clients": status.clients,
        "journal_lag_seconds": _rounded(status.journal_lag),
        "store_lag_seconds": _rounded(status.store_lag),
        "stored_until": status.stored_until and status.stored_until.isoformat(),
        "alerts": None if status.alerts is None else [_alert_as_json(one) for one in status.alerts],
        "acknowledged": status.acknowledged,
        "silenced": status.silenced,
        "silences": status.silences,
        "channels_disabled": [
            {"name": one.name, "at": one.disabled_at and one.disabled_at.isoformat(), "reason": one.disabled_reason}
            for one in status.disabled_channels
        ],
    }


def tables(status: SiteStatus) -> Iterable[tuple[str, Row, list[Row], str]]:
    """Each table: its title, its columns, its rows, and a line for what is left out."""
    if status.nodes:
        nodes = [_node_row(node, status) for node in status.nodes[:MOST_ROWS]]
        yield "Nodes", NODES, nodes, _left_out(len(status.nodes))
    if status.alerts:
        alerts = [_alert_row(one) for one in status.alerts[:MOST_ROWS]]
        yield "Alerts", ALERTS, alerts, _left_out(len(status.alerts))


def written(status: SiteStatus, width: int, *, is_terminal: bool) -> str:
    """The tables as text: by rich in a terminal if it is installed, otherwise plain."""
    if is_terminal:
        try:
            return _with_rich(status, width)
        except MissingExtraError:
            return _plain(status)
    return _plain(status)


def _plain(status: SiteStatus) -> str:
    parts = []
    for title, columns, rows, left_out in tables(status):
        widths = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
        lines = ["  ".join(map(str.ljust, cells, widths)).rstrip() for cells in (columns, *rows)]
        parts.append("\n".join([title, *lines, *filter(None, [left_out])]))
    return "\n\n".join(parts)


def _with_rich(status: SiteStatus, width: int) -> str:
    with needed("rich"):
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    console = Console(width=width, force_terminal=True, highlight=False, markup=False)
    with console.capture() as captured:
        for title, columns, rows, left_out in tables(status):
            table = Table(*columns, title=title, title_justify="left", caption=left_out or None)
            for cells in rows:
                table.add_row(*(Text(cell, overflow="fold") for cell in cells))
            console.print(table)
    return captured.get().rstrip()


def _left_out(number: int) -> str:
    return f"and {number - MOST_ROWS} more: --json lists all" if number > MOST_ROWS else ""


def _nodes_in_words(status: SiteStatus) -> str:
    if status.nodes is None:
        return ""
    clients = "clients not known" if status.clients is None else counted(status.clients, "client")
    return f"{counted(len(status.nodes), 'node')}, {clients}"


def _alerts_in_words(status: SiteStatus) -> str:
    if status.alerts is None or (status.blind and not status.alerts):
        return ""
    open_ones = [one for one in status.alerts if one.is_open]
    counts = {severity: status.count(severity) for severity in ("critical", "warning", "info")}
    told = [f"{count} {severity}" for severity, count in counts.items() if count]
    text = f"{', '.join(told)} firing" if told else "nothing fires that nobody has answered"
    if open_ones:
        text += f": {_without_bars([_in_words(open_ones[0])])[0]}"
    answered = [f"{status.acknowledged} acknowledged"] if status.acknowledged else []
    answered += [f"{status.silenced} silenced"] if status.silenced else []
    return ", ".join([text, *answered])


def _in_words(one: FiringAlert) -> str:
    alert = one.alert
    return f"{alert.rule or alert.metric} of {alert.subject} {_amount(alert.present, alert.unit)}"


def _figures(status: SiteStatus) -> str:
    figures = {
        "nodes": None if status.nodes is None else len(status.nodes),
        "clients": status.clients,
        "critical": status.count("critical"),
        "warning": status.count("warning"),
        "info": status.count("info"),
        "acknowledged": status.acknowledged,
        "silenced": status.silenced,
    }
    lags = {"journal_lag": status.journal_lag, "store_lag": status.store_lag}
    counts = [f"{name}={'U' if value is None else value};;;0" for name, value in figures.items()]
    seconds = [f"{name}={'U' if value is None else f'{value:.1f}s'};;;0" for name, value in lags.items()]
    return " ".join([*counts, *seconds])


def _without_bars(texts: Iterable[str]) -> list[str]:
    """Behind a bar come the figures, so no name may have one."""
    return [text.replace("|", "/") for text in texts]


def _node_row(node: NodeTotals, status: SiteStatus) -> Row:
    return (
        node.node,
        node.host,
        _number(node.server.active_connections),
        _number(node.system.cpu_percent if node.system else None, 1),
        _number(node.system.memory_percent if node.system else None, 1),
        _number(node.journal.lag_seconds if node.journal else None, 1),
        _span(timedelta(seconds=max(0.0, status.at.timestamp() - node.started_at))),
    )


def _alert_row(one: FiringAlert) -> Row:
    alert = one.alert
    answers = [f"by {alert.acknowledged_by}"] if alert.is_acknowledged else []
    answers += ["silenced"] if one.is_silenced else []
    return (
        alert.severity,
        alert.rule or alert.metric,
        alert.subject,
        _amount(alert.present, alert.unit),
        with_unit(exact(alert.threshold), alert.limit_unit),
        _amount(alert.peak, alert.unit),
        _span(alert.duration),
        ", ".join(answers) or NOT_KNOWN,
    )


def _node_as_json(node: NodeTotals) -> dict[str, Any]:
    return {
        "node": node.node,
        "host": node.host,
        "boot": node.boot,
        "started_at": timestamp(node.started_at).isoformat(),
        "clients": node.server.active_connections,
        "cpu_percent": _rounded(node.system.cpu_percent if node.system else None),
        "memory_percent": _rounded(node.system.memory_percent if node.system else None),
        "journal_lag_seconds": _rounded(node.journal.lag_seconds if node.journal else None),
    }


def _alert_as_json(one: FiringAlert) -> dict[str, Any]:
    alert = one.alert
    is_acknowledged = alert.is_acknowledged
    return {
        "id": alert.pk,
        "rule": alert.rule or alert.metric,
        "metric": alert.metric,
        "subject": alert.subject,
        "severity": alert.severity,
        "message": alert.message,
        "value": alert.value,
        "last": alert.last,
        "peak": alert.peak,
        "threshold": alert.threshold,
        "unit": alert.unit,
        "started_at": alert.started_at.isoformat(),
        "duration_seconds": round(alert.duration.total_seconds(), 1),
        "acknowledged_by": alert.acknowledged_by if is_acknowledged else None,
        "silenced": one.is_silenced,
    }


def _number(value: float | None, digits: int = 0) -> str:
    return NOT_KNOWN if value is None else f"{value:.{digits}f}"


def _amount(value: float | None, unit: str) -> str:
    return NOT_KNOWN if value is None else with_unit(f"{value:.1f}", unit)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _span(duration: timedelta) -> str:
    return str(timedelta(seconds=round(duration.total_seconds())))
