"""The files and commands in docs/deployment.md, by the comment that each of them begins with."""

import re
from functools import cache

from tests.site import ROOT

BLOCK = re.compile(r"^```(?:\w+)\n(?:#|--) (?P<title>[^\n]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def examples() -> dict[str, str]:
    page = (ROOT / "docs" / "deployment.md").read_text()
    return {found["title"]: found["text"] for found in BLOCK.finditer(page)}


def example(title: str, **replaced: str) -> str:
    """The text of one; each word on the left, which must occur, is replaced by the one on the right."""
    return with_others(examples()[title], replaced)


def with_others(text: str, replaced: dict[str, str]) -> str:
    for old, new in replaced.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def variables() -> dict[str, str]:
    """The variables in the environment's file."""
    return dict(line.split("=", 1) for line in example("/etc/avatar/avatar.env").splitlines())


def command_of(unit: str) -> list[str]:
    """The words of a unit's ExecStart, without the program's path."""
    (line,) = re.findall(r"^ExecStart=(.*)$", example(f"/etc/systemd/system/{unit}"), re.MULTILINE)
    return line.split()[1:]
