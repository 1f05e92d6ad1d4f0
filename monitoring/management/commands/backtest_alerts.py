"""Tries a rule on the past: how often it would have fired, and how often with other numbers."""

from __future__ import annotations

import json
import math
from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser, no_translations
from django.utils import timezone

from monitoring.alerting.rule_changes import ImpossibleRuleError, changed_rule
from monitoring.alerting.rules import rules_in_force
from monitoring.core.alert_rules import Rule
from monitoring.core.amounts import exact, with_unit
from monitoring.core.inputs import echo, number
from monitoring.history.backtest import backtest, from_what
from monitoring.history.backtest_report import as_csv, as_dict, iso, unit_of
from monitoring.history.backtest_result import Backtest, BacktestEpisode
from monitoring.management.shared_options import NEVER, CommandWithExamples, moment_before, node_name
from monitoring.models import Node

EXAMPLES = """examples:
  python manage.py backtest_alerts --rule cpu_percent
  python manage.py backtest_alerts --rule cpu_percent --from -30d --enter 90 --for 60
  python manage.py backtest_alerts --rule latency_ms --from -2h --format csv
"""
WEEK = timedelta(days=7)
LISTED = 50
OPTIONS = {
    "threshold": "--enter",
    "exit_threshold": "--exit",
    "for_seconds": "--for",
    "keep_firing_seconds": "--keep-firing",
}
IN_FORCE, CHANGED = "in force", "changed"


class Command(CommandWithExamples):
    help = "Says how often an alert rule would have fired, beside the same rule with other numbers. Changes nothing."
    examples = EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        add, moment = parser.add_argument, moment_before(timezone.now())
        add("--rule", required=True, metavar="NAME", help="the rule's name; that of a built-in rule is its metric")
        add("--from", dest="start", type=moment, metavar="T", help="beginning of the range (7 days before its end)")
        add("--to", dest="end", type=moment, default="now", metavar="T", help="end of the range, exclusive (now)")
        for field, option in OPTIONS.items():
            unit = "S" if field.endswith("_seconds") else "X"
            add(option, dest=field, type=_number, metavar=unit, help=f"another {field.replace('_', ' ')}")
        add("--node", type=node_name, metavar="N", help="only the node with this name (all)")
        add("--format", choices=["table", "json", "csv"], default="table", help="format (table)")

    @no_translations  # output is for programs, too
    def handle(self, *, rule: str, start: datetime | None, end: datetime, node: str | None, **options: Any) -> None:
        start = end - WEEK if start is None else start
        if start >= end:
            raise _refused(f"--from {_iso(start)}: must be before --to {_iso(end)}")
        if node is not None and not Node.objects.named(node).exists():
            raise _refused(f"--node {echo(node)}: must be the name of a node that was heard in the journal")
        found = {name: _tested(one, start, end, node) for name, one in _rules(rule, options).items()}
        if options["format"] == "json":
            self.stdout.write(
                json.dumps({name.replace(" ", "_"): as_dict(one) for name, one in found.items()}, indent=2)
            )
        elif options["format"] == "csv":
            self.stdout.write(as_csv(found), ending="")
        else:
            self.stdout.write("\n".join(_table(found)))
        if not found[IN_FORCE].is_measured:
            raise CommandError("Nothing was measured in this time, so nobody knows whether the rule would have fired")


def _rules(name: str, options: dict[str, Any]) -> dict[str, Rule]:
    """The rule as it is in force, and with the changes if there are any."""
    known = rules_in_force()
    if name not in known:
        raise _refused(f"--rule {echo(name)}: must be one of {', '.join(known)}")
    numbers = {field: options[field] for field in OPTIONS}
    if all(value is None for value in numbers.values()):
        return {IN_FORCE: known[name]}
    try:
        return {IN_FORCE: known[name], CHANGED: changed_rule(known[name], **numbers)}
    except ImpossibleRuleError as error:
        raise _refused(f"{OPTIONS.get(error.field, error.field)} {error.fault}") from error


def _tested(rule: Rule, start: datetime, end: datetime, node: str | None) -> Backtest:
    try:
        return backtest(rule, start, end, node=node)
    except ValueError as error:
        raise _refused(f"--{str(error).replace('=', ' ', 1)}") from error


def _table(found: dict[str, Backtest]) -> Iterator[str]:
    first = next(iter(found.values()))
    yield f"{first.rule.key} from {iso(first.start)} to {iso(first.end)}: {from_what(first)}"
    yield ""
    rows = [[""], *([label] for label in _LABELS)]
    for name, one in found.items():
        for row, text in zip(rows, [name, *_figures(one)], strict=True):
            row.append(text)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
    for name, one in found.items():
        yield ""
        yield f"{name}:{_none_of(one)}"
        unit = unit_of(one.rule)
        yield from (_line(unit, episode) for episode in one.episodes[-LISTED:])
        if len(one.episodes) > LISTED:
            yield f"  and {len(one.episodes) - LISTED} before these: --format csv lists all"


def _none_of(found: Backtest) -> str:
    if found.episodes:
        return ""
    return " no episode" if found.is_measured else " nothing was measured"


_LABELS = (
    "threshold", "exit", "for", "keep firing", "episodes", "time firing", "at least", "at most", "flapping", "notices",
)  # fmt: skip


def _figures(found: Backtest) -> list[str]:
    rule, unit = found.rule, unit_of(found.rule)
    return [
        with_unit(exact(rule.threshold), unit),
        with_unit(exact(rule.exit_threshold), unit),
        f"{exact(rule.for_seconds)} s",
        f"{exact(rule.keep_firing_seconds)} s",
        str(len(found.episodes)),
        *(
            "not known" if value is None else _span(value)
            for value in (found.seconds_firing, found.at_least, found.at_most)
        ),
        str(found.flaps),
        str(found.notices),
    ]


def _line(unit: str, one: BacktestEpisode) -> str:
    length = "goes on" if one.end is None else _span(one.end - one.start)
    about = " (about)" if one.approximate else ""
    peak = with_unit(f"{one.peak:.1f}", unit)
    flapping = ", flapping" if one.flapping else ""
    return f"  {iso(math.floor(one.start))}  {length + about:20}  peak {peak:12}  {one.subject}{flapping}"


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _refused(text: str) -> CommandError:
    return CommandError(text, returncode=NEVER)


def _number(text: str) -> float:
    try:
        return number(text, -1e12, 1e12)
    except ValueError as error:
        raise ArgumentTypeError(f"{echo(text)}: must be {error}") from error


def _iso(moment: datetime) -> str:
    return iso(moment.timestamp())
