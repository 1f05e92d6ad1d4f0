"""How a host adopts the package, as data: `adoption.toml` in its folder says which lines are added, and where."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOSTS = Path(__file__).parent / "hosts"
MOST_LINES = 6
LARGE = "0123456789" * 7_000
"""A message of 70,000 characters."""


@dataclass(frozen=True)
class Line:
    """One line that is added to a file: at its end, or below the line `after`; what it imports stands before it."""

    file: str
    text: str
    after: str = ""
    imports: str = ""

    def add(self, folder: Path) -> None:
        file = folder / self.file
        was = file.read_text()
        if not self.after:
            file.write_text("\n".join([was.rstrip("\n"), "", *filter(None, [self.imports]), self.text, ""]))
            return
        head, found, tail = was.partition(f"{self.after}\n")
        assert found, f"{self.file} has no line {self.after!r}"
        imports = f"{self.imports}\n" if self.imports else ""
        file.write_text(f"{imports}{head}{found}{self.text}\n{tail}")


@dataclass(frozen=True)
class Saying:
    """What a client says, and how many messages answer it."""

    say: str
    answers: int

    @property
    def text(self) -> str:
        return self.say.replace("{large}", LARGE)

    @property
    def is_large(self) -> bool:
        return "{large}" in self.say


@dataclass(frozen=True)
class Socket:
    """A WebSocket of the host's, and a conversation on it."""

    path: str
    talk: tuple[Saying, ...]
    signed_in: bool = False
    greetings: int = 0

    def address(self, client_id: str) -> str:
        return f"{self.path}{'&' if '?' in self.path else '?'}client_id={client_id}"


@dataclass(frozen=True)
class Recipe:
    name: str
    shape: str
    environment: str
    asgi: str
    pages: tuple[str, ...]
    signed_in_pages: tuple[str, ...]
    login_page: str
    socket: Socket
    lines: tuple[Line, ...]
    mount: str
    storing: tuple[str, ...]
    """The command by which minutes are stored: `store_history`, or the host's own Celery."""
    admin: str = "/admin/"
    database: str = "sqlite"
    collects_static_files: bool = False
    also_in: tuple[str, ...] = ()
    """Further environments in which it adopts the package."""
    check: tuple[str, ...] = ()
    """What `check` says of the package: the ids of its messages, without the label and that of psutil."""
    still_works: str = ""
    """A page that says "yes" once the host's own background work has been done."""

    @property
    def folder(self) -> Path:
        return HOSTS / self.name


def recipe(name: str) -> Recipe:
    values: dict[str, Any] = tomllib.loads((HOSTS / name / "adoption.toml").read_text())
    socket = values.pop("socket")
    socket["talk"] = tuple(Saying(**saying) for saying in socket["talk"])
    values["lines"] = tuple(Line(**line) for line in values["lines"])
    lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    return Recipe(name=name, **{**values, **lists}, socket=Socket(**socket))


def recipes() -> list[Recipe]:
    return [recipe(file.parent.name) for file in sorted(HOSTS.glob("*/adoption.toml"))]
