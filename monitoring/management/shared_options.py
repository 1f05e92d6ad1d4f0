"""What commands share: help whose examples keep their lines, and options that are times or names of nodes."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter

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


class CommandWithExamples(BaseCommand):
    """A command that says how it is used, and whose options may be times ago, such as `--from -2h`."""

    examples = ""
    usage: str | None = None

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        look = {"usage": self.usage, "epilog": self.examples, "formatter_class": HelpWithExamples}
        parser = super().create_parser(prog_name, subcommand, **look, **kwargs)
        # argparse takes "-2h" for an option unless it looks like a negative number.
        parser._negative_number_matcher = re.compile(r"-\d.*$")
        return parser


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
