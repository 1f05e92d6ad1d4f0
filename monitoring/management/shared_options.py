"""What commands share: help whose examples keep their lines, and options that are times or names of nodes."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter

from monitoring.check_infos import without_infos
from monitoring.columns import MAX_TEXT
from monitoring.core.inputs import echo, plain_text
from monitoring.moments import parse_moment

NEVER = 2
"""The exit code if repeating the same command would never succeed, such as for a wrong option."""


class HelpWithExamples(DjangoHelpFormatter):
    """A command's help whose examples keep their lines."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        is_paragraph = "\n" not in text
        return super()._fill_text(text, width, indent) if is_paragraph else text


class WithExamples:
    """For a command, also for one of Django's: its help ends with examples, whose lines are kept.

    docs/commands.md has the same examples. Options may be times ago, such as `--from -2h`. What the checks only inform
    of is left to `check` and to commands that start a server: it would stand before the answer of each command.
    """

    examples = ""
    usage: str | None = None
    tells_infos = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        look = {"usage": self.usage, "epilog": self.examples, "formatter_class": HelpWithExamples}
        parser: CommandParser = super().create_parser(prog_name, subcommand, **look, **kwargs)  # type: ignore[misc]
        # argparse takes "-2h" for an option unless it looks like a negative number.
        parser._negative_number_matcher = re.compile(r"-\d.*$")
        return parser

    def check(self, *arguments: Any, **options: Any) -> None:
        with nullcontext() if self.tells_infos else without_infos():
            super().check(*arguments, **options)  # type: ignore[misc]


class CommandWithExamples(WithExamples, BaseCommand):
    """A command of ours."""


def moment_before(now: datetime) -> Callable[[str], datetime]:
    """The type of an option that is a time: ISO 8601, now, or a time ago."""

    def moment(text: str) -> datetime:
        try:
            return parse_moment(text, now)
        except ValueError as error:
            raise ArgumentTypeError(str(error)) from error

    return moment


def node_name(text: str) -> str:
    """The type of an option that is the name of a node."""
    try:
        return plain_text(text, MAX_TEXT)
    except ValueError as error:
        raise ArgumentTypeError(f"{echo(text)}: must be {error}") from error
