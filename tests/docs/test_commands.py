"""docs/commands.md lists the commands with their options, and the docs name no others."""

import re

import pytest
from django.core.management import BaseCommand, get_commands, load_command_class

from tests.docs.pages import PAGES, ROOT, names, page, rows, section

COMMANDS = page("commands.md")
OWN_APPS = {"monitoring": "In every project", "avatar_site": "In the avatar site"}
SITE_ONLY = {"benchmark_monitoring"}
"""It runs the repository's tests, so the package leaves it out."""

OWN_COMMANDS = sorted(name for name, app in get_commands().items() if app in OWN_APPS)
DJANGOS_OPTIONS = set(BaseCommand().create_parser("manage.py", "none")._option_string_actions)


def test_the_commands_page_lists_every_command_under_who_has_it():
    listed = {
        app: set(re.findall(r"^### `(\w+)`$", section(COMMANDS, heading), re.MULTILINE)) - {"check"}
        for app, heading in OWN_APPS.items()
    }
    commands = get_commands()
    in_every_project = {name for name in OWN_COMMANDS if commands[name] == "monitoring"} - SITE_ONLY
    assert listed == {"monitoring": in_every_project, "avatar_site": set(OWN_COMMANDS) - in_every_project}


@pytest.mark.parametrize("name", OWN_COMMANDS)
def test_the_commands_page_names_exactly_the_options_of_a_command(name):
    command = load_command_class(get_commands()[name], name)
    options = set(command.create_parser("manage.py", name)._option_string_actions)
    if ".management.commands." in command.__class__.__mro__[1].__module__:  # one of Django's with another behaviour
        options &= DJANGOS_OPTIONS
    assert set(re.findall(r"--[a-z][a-z-]+", section(COMMANDS, f"`{name}`", "###"))) == options - DJANGOS_OPTIONS


@pytest.mark.parametrize("name", OWN_COMMANDS)
def test_a_usage_names_every_value_that_an_option_takes(name):
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    chosen = [action.choices for action in parser._actions if action.choices and action.dest != "verbosity"]
    assert [one for one in chosen if parser.usage and "|".join(one) not in parser.usage] == []


def test_the_docs_name_only_commands_and_make_targets_that_exist():
    text = "\n".join(file.read_text() for file in PAGES)
    assert set(re.findall(r"manage\.py (\w+)", text)) <= {*get_commands(), "runserver"}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE)) <= targets
    assert {name.removeprefix("make ") for row in rows(section(COMMANDS, "make")) for name in names(row[:1])} == targets
