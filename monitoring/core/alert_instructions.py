"""What nodes are told about alerts: the rules that are rows, and how people have answered."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from logging import getLogger

import msgspec

from monitoring.core.alert_metrics import problems_of
from monitoring.core.alert_rules import AlertScope, Rule
from monitoring.core.wire.other_formats import OtherFormatError, SaidOnce

VERSION = 1
"""It changes if an older release would misunderstand what it reads; new fields with defaults do not change it."""

said = SaidOnce(getLogger(__name__))


class AnsweredAlert(msgspec.Struct, frozen=True):
    """An alert that somebody acknowledged or resolved at `at`: one of this rule and subject that began by then.

    Times are UTC epoch seconds. Without `until`, an acknowledgement goes on until the alert is over.
    """

    rule: str
    subject: str
    by: str
    at: float
    until: float | None = None


class SilencedTime(msgspec.Struct, frozen=True):
    """From `start` to `end` nobody is told about alerts whose names all patterns match: see `alert_matchers`."""

    matchers: dict[str, str]
    start: float
    end: float


class LiveState(msgspec.Struct):
    """`rules` are the rows that nodes decide by, each encoded, and `off` the names of the rules that rows switch off.

    `rules_version` is another one whenever any rule is, also of the fleet.
    """

    rules: list[msgspec.Raw] = []
    off: list[str] = []
    rules_version: str = ""
    acknowledged: list[AnsweredAlert] = []
    resolved: list[AnsweredAlert] = []
    silenced: list[SilencedTime] = []
    version: int = VERSION

    @classmethod
    def of(cls, rules: Iterable[Rule], off: Iterable[str]) -> LiveState:
        """What rows say about rules; those of the fleet are not for nodes."""
        all_rules, names = list(rules), sorted(off)
        encoded = [msgspec.Raw(_encoded(rule)) for rule in all_rules if rule.scope is not AlertScope.FLEET]
        return cls(encoded, names, rules_version=version_of(all_rules, names))

    def in_force(self, built_in: Mapping[str, Rule]) -> dict[str, Rule]:
        """All rules by name: the built-in ones with what the rows change. A rule that this release cannot use is left
        out, which the log says once."""
        rules = {name: rule for name, rule in built_in.items() if name not in self.off}
        for raw in self.rules:
            rule = _rule(raw)
            if rule is not None:
                rules[rule.key] = rule
        return rules


def version_of(rules: Iterable[Rule], off: Iterable[str]) -> str:
    """The same text for the same rows, whoever computes it."""
    return f"{zlib.crc32(b''.join([*map(_encoded, rules), *map(str.encode, sorted(off))])):08x}"


def encode(state: LiveState) -> bytes:
    return msgspec.msgpack.encode(state)


def decode(data: bytes) -> LiveState:
    """The state in `encode`'s bytes. Raises OtherFormatError for another version, ValueError for anything else."""
    try:
        state = msgspec.msgpack.decode(data, type=LiveState)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except msgspec.ValidationError:
        _check(msgspec.msgpack.decode(data, type=_Stamp))
        raise
    _check(state)
    return state


class _Stamp(msgspec.Struct):
    version: int = VERSION


def _check(state: LiveState | _Stamp) -> None:
    if state.version != VERSION:
        raise OtherFormatError(f"version {state.version}, this release reads {VERSION}")


def _encoded(rule: Rule) -> bytes:
    return msgspec.msgpack.encode(rule)


def _rule(raw: msgspec.Raw) -> Rule | None:
    try:
        rule = msgspec.msgpack.decode(raw, type=Rule)
        problems = problems_of(rule, (rule.metric,))
    except (msgspec.MsgspecError, RecursionError) as error:
        said.warn("A rule", f"release {error}", "it is not in force on this node")
        return None
    if problems:
        said.warn("The rule", rule.key, f"it is not in force on this node: {problems[0]}")
        return None
    return rule
