"""docs/commands.md lists the commands with their options, and the docs name no others."""

import re
import shlex
from argparse import ArgumentParser, _SubParsersAction
from io import StringIO

import pytest
from django.core.management import BaseCommand, call_command, get_commands, load_command_class

from tests.docs.pages import PAGES, ROOT, names, page, rows, section

COMMANDS = page("commands.md")
OWN_APPS = {"monitoring": "In every project", "avatar_site": "In the avatar site"}
SITE_ONLY = {"benchmark_monitoring"}
"""It runs the repository's tests, so the package leaves it out."""

OWN_COMMANDS = sorted(name for name, app in get_commands().items() if app in OWN_APPS)
DJANGOS_OPTIONS = set(BaseCommand().create_parser("manage.py", "none")._option_string_actions)


def test_the_commands_page_lists_every_command_once_under_who_has_it():
    listed = {
        app: sorted(re.findall(r"^### `(\w+)`$", section(COMMANDS, heading), re.MULTILINE))
        for app, heading in OWN_APPS.items()
    }
    commands = get_commands()
    in_every_project = {name for name in OWN_COMMANDS if commands[name] == "monitoring"} - SITE_ONLY
    in_the_site = set(OWN_COMMANDS) - in_every_project
    assert listed == {"monitoring": sorted({*in_every_project, "check"}), "avatar_site": sorted(in_the_site)}


@pytest.mark.parametrize("name", OWN_COMMANDS)
def test_the_commands_page_names_exactly_the_options_of_a_command(name):
    command = load_command_class(get_commands()[name], name)
    options, text = options_of(command.create_parser("manage.py", name)), section(COMMANDS, f"`{name}`", "###")
    if any(".management.commands." in one.__module__ for one in type(command).__mro__[1:]):
        # One of Django's with another behaviour; its examples have options of Django's.
        options, text = options & DJANGOS_OPTIONS, re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert set(re.findall(r"--[a-z][a-z-]+", text)) == options - DJANGOS_OPTIONS


def options_of(parser: ArgumentParser) -> set[str]:
    """Those of the parser, and of the commands below it."""
    below = (action.choices.values() for action in parser._actions if isinstance(action, _SubParsersAction))
    return set(parser._option_string_actions).union(*(options_of(one) for parsers in below for one in parsers))


@pytest.mark.parametrize("name", OWN_COMMANDS)
def test_a_usage_names_every_value_that_an_option_takes(name):
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    chosen = [action.choices for action in parser._actions if action.choices and action.dest != "verbosity"]
    assert [one for one in chosen if parser.usage and "|".join(one) not in parser.usage] == []


def examples_of(name: str) -> list[str]:
    """The lines of the examples in the command's help."""
    command = load_command_class(get_commands()[name], name)
    told = command.create_parser("manage.py", name).format_help().partition("\nexamples:\n")[2]
    return [line.strip() for line in told.splitlines() if line.startswith("  python manage.py ")]


@pytest.mark.parametrize("name", OWN_COMMANDS)
def test_a_commands_help_ends_with_examples_and_this_page_has_the_same(name):
    shown = re.search(r"```bash\n(.*?)```", section(COMMANDS, f"`{name}`", "###"), re.DOTALL)
    assert shown is not None
    assert examples_of(name) == shown[1].splitlines() != []


@pytest.mark.parametrize("name", OWN_COMMANDS)
def test_a_command_accepts_its_examples(name):
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    for example in examples_of(name):
        program, script, command, *given = shlex.split(example.partition(" | ")[0], comments=True)
        assert [program, script, command] == ["python", "manage.py", name]
        parser.parse_args(given)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["forget_client", "mark_deploy"])
def test_examples_that_need_no_server_run(name):
    for example in examples_of(name):
        call_command(*shlex.split(example, comments=True)[2:], stdout=StringIO())


def test_the_docs_name_only_commands_and_make_targets_that_exist():
    text = "\n".join(file.read_text() for file in PAGES)
    assert set(re.findall(r"manage\.py (\w+)", text)) <= {*get_commands(), "runserver"}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE)) <= targets
    assert {name.removeprefix("make ") for row in rows(section(COMMANDS, "make")) for name in names(row[:1])} == targets
