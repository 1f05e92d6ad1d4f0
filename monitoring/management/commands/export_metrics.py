"""Writes stored minutes to a file or to standard output."""

from __future__ import annotations

import os
import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import track

from monitoring.export import FORMATS, Row, rows
from monitoring.models import Minute
from monitoring.models.minute import MinuteQuerySet
from monitoring.moments import parse_moment

Write = Callable[[str], object]

USAGE = "manage.py export_metrics --from T [--to T] [--format F] [--output FILE|-] [--node N] [--force]"

EXAMPLES = """examples:
  manage.py export_metrics --from -7d --to now --format csv --output week.csv
  manage.py export_metrics --from 2026-11-01 --to 2026-12-01 --format jsonl --output - | gzip > november.jsonl.gz
"""


class Command(BaseCommand):
    help = "Exports what was measured, a row for each node and minute. Standard output gets the rows only."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, usage=USAGE, epilog=EXAMPLES, **kwargs)
        # argparse takes "-2h" for an option unless it looks like a negative number.
        parser._negative_number_matcher = re.compile(r"-\d+(\.\d+)?[a-z]*$")
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        moment = _moment(timezone.now())
        parser.add_argument("--from", dest="start", type=moment, required=True, metavar="T", help="first minute")
        parser.add_argument("--to", dest="end", type=moment, default="now", metavar="T", help="end, not included")
        parser.add_argument("--resolution", choices=["minute"], default="minute", help="what a row stands for")
        parser.add_argument("--format", choices=list(FORMATS), default="csv")
        parser.add_argument("--output", default="-", metavar="FILE", help="a file, or - for standard output")
        parser.add_argument("--node", action="append", metavar="N", help="only this node, host:pid; may be repeated")
        parser.add_argument("--force", action="store_true", help="overwrite the file")

    def handle(self, *, start: datetime, end: datetime, format: str, output: str, **options: Any) -> None:  # noqa: A002
        if start >= end:
            raise CommandError(
                f"--from {start:%Y-%m-%dT%H:%M:%SZ}: allowed is a time before --to {end:%Y-%m-%dT%H:%M:%SZ}"
            )
        minutes = Minute.objects.between(start, end)
        if options["node"]:
            minutes = minutes.of_nodes(options["node"])
        with self._opened(output, overwrite=options["force"]) as write, closing(rows(minutes)) as source:
            counted = _Counted(_with_progress(source, minutes))
            for text in FORMATS[format](counted):
                write(text)
        where = "standard output" if output == "-" else output
        self.stderr.write(f"wrote {counted.count} rows to {where}", self.style.SUCCESS)

    @contextmanager
    def _opened(self, output: str, *, overwrite: bool) -> Iterator[Write]:
        if output != "-":
            with _replaced(Path(output), overwrite=overwrite) as write:
                yield write
            return
        try:
            yield lambda text: self.stdout.write(text, ending="")
            self.stdout.flush()
        except BrokenPipeError:
            # The reader has seen enough. Python would complain once more when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(0) from None


class _Counted:
    """Passes rows on and counts them."""

    def __init__(self, source: Iterable[Row]) -> None:
        self.count = 0
        self._source = source

    def __iter__(self) -> Iterator[Row]:
        for row in self._source:
            self.count += 1
            yield row


def _with_progress(source: Iterable[Row], minutes: MinuteQuerySet) -> Iterable[Row]:
    if not sys.stderr.isatty():
        return source
    return track(source, "Exporting", total=minutes.count(), console=Console(stderr=True), transient=True)


def _moment(now: datetime) -> Callable[[str], datetime]:
    def moment(text: str) -> datetime:
        try:
            return parse_moment(text, now)
        except ValueError as error:
            raise ArgumentTypeError(str(error)) from error

    return moment


@contextmanager
def _replaced(path: Path, *, overwrite: bool) -> Iterator[Write]:
    """Writes next to the file, which gets its name only when all is on the disk."""
    if path.exists() and not overwrite:
        raise CommandError(f"--output {path}: it exists already; --force overwrites it")
    if not path.parent.is_dir():
        raise CommandError(f"--output {path}: the directory {path.parent} does not exist")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file.write
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
