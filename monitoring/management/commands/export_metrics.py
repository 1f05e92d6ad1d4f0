"""Writes stored records to a file or to standard output."""

from __future__ import annotations

import gc
import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from monitoring.columns import timestamp
from monitoring.core.counted import counted
from monitoring.export import FORMATS, writer_of
from monitoring.export.job import Job, Moment, format_of
from monitoring.export.part_file import PartFile, PartFileError, Progress
from monitoring.export.selection import RESOLUTION, SOURCES, Selection, parse_width
from monitoring.export.table import Chunk, Records, RefusedError
from monitoring.extras import MissingExtraError, needed
from monitoring.management.shared_options import NEVER, CommandWithExamples, moment_before, node_name
from monitoring.models import PruneWatermark
from monitoring.models.tiers import TIERS
from monitoring.moments import stamp

Write = Callable[[bytes], object]

DAY = timedelta(hours=24)

USAGE = (
    "manage.py export_metrics [--from T] [--to T] [--of metrics|alerts|sessions|markers]\n"
    "       [--resolution minute|hour|day] [--bucket 5m] [--metric M]... [--node N]... [--fleet]\n"
    "       [--format csv|jsonl|json|parquet] [--output FILE|-] [--force] [--resume]"
)
EXAMPLES = """examples:
  python manage.py export_metrics --from -7d --output week.csv.gz
  python manage.py export_metrics --from 2026-01-01 --resolution hour --output hours.parquet
  python manage.py export_metrics --from -24h --bucket 5m --metric latency_ms --metric connections
  python manage.py export_metrics --from -30d --of sessions --format jsonl --output - | jq .client_id
"""

INTERRUPTED = 130


class Command(CommandWithExamples):
    help = "Exports stored metrics, alerts, sessions or markers. Only rows go to standard output."
    usage, examples = USAGE, EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        add, moment = parser.add_argument, _moment(timezone.now())
        add("--from", dest="start", type=moment, metavar="T", help="beginning of the range (24 hours before its end)")
        add("--to", dest="end", type=moment, default="now", metavar="T", help="end of the range, exclusive (now)")
        add("--of", choices=SOURCES, default=SOURCES[0], help="what to export (metrics)")
        add("--resolution", choices=list(TIERS), help=f"length of a row of metrics ({RESOLUTION})")
        add("--bucket", type=_bucket, metavar="5m", help="merge rows of metrics into buckets of this length")
        add("--metric", action="append", default=[], metavar="M", help="only this metric's columns; may be repeated")
        add(
            "--node",
            action="append",
            default=[],
            type=node_name,
            metavar="N",
            help="only the node with this name; may be repeated",
        )
        add("--fleet", action="store_true", help="all nodes together instead of one by one")
        add("--format", choices=list(FORMATS), help="format (from the file's ending, else csv)")
        add(
            "--output",
            default="-",
            metavar="FILE",
            help="a file, compressed if its name ends with .gz, or - for standard output",
        )
        add("--force", action="store_true", help="overwrite the file")
        add("--resume", action="store_true", help="continue FILE.part, which an interrupted export left behind")

    def handle(self, *, start: Moment | None, end: Moment, output: str, **options: Any) -> None:
        if start is None:
            start = Moment("-24h", end.time - DAY)
            self.stderr.write(f"no --from given: exporting the 24 hours from {stamp(start.time)} to {stamp(end.time)}")
        if start.time >= end.time:
            before = f"must be before --to {stamp(end.time)}"
            raise CommandError(f"--from {stamp(start.time)}: {before}", returncode=NEVER)
        selection = Selection(
            of=options["of"],
            resolution=options["resolution"],
            width=options["bucket"],
            nodes=options["node"],
            metrics=options["metric"],
            fleet=options["fleet"],
        )
        # Otherwise the collector scans all of Django's objects again and again, for a tenth of the time.
        gc.freeze()
        job = Job(selection, start, end, options["format"] or format_of(output))
        try:
            if output == "-":
                rows = self._to_standard_output(job, resume=options["resume"])
            else:
                rows = self._to_file(job, Path(output), overwrite=options["force"], resume=options["resume"])
        except RefusedError as error:
            raise CommandError(f"--{error}", returncode=NEVER) from error
        except (PartFileError, MissingExtraError) as error:
            raise CommandError(str(error), returncode=NEVER) from error
        except OSError as error:
            raise CommandError(f"--output {output}: {error.strerror or error}") from error
        except KeyboardInterrupt:
            raise SystemExit(INTERRUPTED) from None
        self._tell_of_coarser_rows(job)
        where = "standard output" if output == "-" else output
        self.stderr.write(f"wrote {counted(rows, 'row')} to {where}", self.style.SUCCESS)

    def _to_file(self, job: Job, path: Path, *, overwrite: bool, resume: bool) -> int:
        job.check_file(path, resume=resume)
        columns = [column.name for column in job.selection.records(job.start.time, job.end.time).columns]
        fresh = Progress(job.asked(), job.start.time, job.end.time, columns=columns)
        with PartFile(path, fresh, overwrite=overwrite, resume=resume) as part, self._told(part):
            done = part.progress
            records = job.selection.records(done.start, done.end)
            writer = writer_of(job.format, records.columns, done.rows)
            part.append(writer.begin())
            for chunk in _with_bar(records, done.after):
                part.append(writer.add(chunk), rows=chunk.rows, after=chunk.last if job.is_resumable else None)
            part.append(writer.end())
        return done.rows

    @contextmanager
    def _told(self, part: PartFile) -> Iterator[None]:
        try:
            yield
        except BaseException:
            if part.is_resumable:
                self.stderr.write(f"{part.part} keeps what was written; run the same command with --resume to continue")
            raise

    def _tell_of_coarser_rows(self, job: Job) -> None:
        """Says so if part of the range is no longer kept at the requested resolution."""
        tier = job.selection.resolution or RESOLUTION
        pruned_until = PruneWatermark.objects.pruned_until().get(tier, 0)
        if pruned_until and job.selection.of == "metrics" and job.start.time.timestamp() < pruned_until:
            coarser = list(TIERS)[list(TIERS).index(tier) + 1]
            before = stamp(timestamp(pruned_until))
            self.stderr.write(f"{tier}s before {before} are kept only as {coarser}s: use --resolution {coarser}")

    def _to_standard_output(self, job: Job, *, resume: bool) -> int:
        if resume:
            raise RefusedError("resume: works only with --output FILE, not with standard output")
        if job.format == "parquet" and self.stdout.isatty():
            raise RefusedError("format parquet: needs a file or a pipe, not a terminal")
        records = job.selection.records(job.start.time, job.end.time)
        writer = writer_of(job.format, records.columns)
        rows = 0
        with self._piped() as write:
            write(writer.begin())
            for chunk in _with_bar(records):
                write(writer.add(chunk))
                rows += chunk.rows
            write(writer.end())
        return rows

    @contextmanager
    def _piped(self) -> Iterator[Write]:
        # Only what call_command's caller passes as stdout may lack the bytes layer beneath the text.
        buffer = getattr(self.stdout, "buffer", None)
        try:
            yield buffer.write if buffer else lambda data: self.stdout.write(data.decode(), ending="")
            self.stdout.flush()
        except BrokenPipeError:
            # The reader has seen enough. Python would complain once more when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(0) from None


def _with_bar(records: Records, after: datetime | None = None) -> Iterator[Chunk]:
    """The records' chunks; on a terminal with progress and speed."""
    if not sys.stderr.isatty():
        yield from records.chunks(after)
        return
    try:
        with needed("rich"):
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar
    except MissingExtraError as missing:
        sys.stderr.write(f"No progress is shown: {missing}\n")
        yield from records.chunks(after)
        return
    told = TextColumn("{task.completed:,} rows {task.fields[speed]}")
    with Bar(BarColumn(), told, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=records.count(after), speed="")
        for chunk in records.chunks(after):
            yield chunk
            bar.update(task, advance=chunk.rows, speed=f"{bar.tasks[0].speed or 0:,.0f}/s")


def _moment(now: datetime) -> Callable[[str], Moment]:
    parsed = moment_before(now)
    return lambda text: Moment(text, parsed(text))


def _bucket(text: str) -> int:
    try:
        return parse_width(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
