"""Parses text frames into typed messages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import inspect

PLACE = re.compile(r" - at `\$\.([^.`\[]+)[^`]*`$")
MISSING = re.compile(r"Object missing required field `(.+?)`")
UNKNOWN = re.compile(r"Object contains unknown field `(.+?)`")
LONGEST_SHOWN = 60


def size_of_text(text: str) -> int:
    """Its bytes in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def decoder(messages: Any, max_length: int) -> Callable[[str], Any]:
    """A function from a text to one of the message types.

    It raises ValueError, which names what is wrong and what is allowed, for anything else.
    """
    decode_json = msgspec.json.Decoder(messages).decode

    def decode(text: str) -> Any:
        size = size_of_text(text)
        if size > max_length:
            raise ValueError(f"a message has {size} bytes: at most {max_length} are allowed")
        try:
            return decode_json(text)
        except RecursionError:
            raise ValueError("a message is nested too deeply") from None
        except msgspec.ValidationError as error:
            raise ValueError(explained(messages, text, error)) from None

    return decode


def explained(messages: Any, text: str, error: msgspec.ValidationError) -> str:
    """Names the field, its value and what is allowed there, for a text that is none of these message types."""
    kinds = {kind.tag: kind for kind in _structs(inspect.type_info(messages))}
    try:
        value = msgspec.json.decode(text)
    except (RecursionError, msgspec.MsgspecError):
        return str(error)
    if not isinstance(value, dict):
        return "a message must be a JSON object"
    tag = value.get("type")
    if not isinstance(tag, str) or tag not in kinds:
        return f"type={_shown(value, 'type')}: must be one of {', '.join(map(str, kinds))}"
    fields = {field.encode_name: field for field in kinds[tag].fields}
    if found := MISSING.search(str(error)):
        return f"{tag} needs {found[1]}: {_described(fields[found[1]].type)}"
    if found := UNKNOWN.search(str(error)):
        return f"{tag} has no {found[1]}; its fields are {', '.join(fields) or 'none'}"
    if (found := PLACE.search(str(error))) and found[1] in fields:
        return f"{found[1]}={_shown(value, found[1])}: must be {_described(fields[found[1]].type)}"
    return str(error)


def _structs(info: inspect.Type) -> list[inspect.StructType]:
    infos = info.types if isinstance(info, inspect.UnionType) else (info,)
    return [one for one in infos if isinstance(one, inspect.StructType)]


def _shown(value: dict[str, Any], name: str) -> str:
    if name not in value:
        return "(missing)"
    text = json.dumps(value[name], ensure_ascii=False)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def _described(info: inspect.Type) -> str:
    match info:
        case inspect.UnionType(types=types):
            return " or ".join(dict.fromkeys(map(_described, types)))
        case inspect.FloatType():
            return "a number" + _bounds(info.ge, info.le)
        case inspect.IntType():
            return "a whole number" + _bounds(info.ge, info.le)
        case inspect.StrType():
            return "text" + (_bounds(info.min_length, info.max_length) + " characters" if info.max_length else "")
        case inspect.BoolType():
            return "true or false"
        case inspect.NoneType():
            return "null"
        case inspect.LiteralType(values=values):
            return " or ".join(json.dumps(value) for value in values)
    return "something else"


def _bounds(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" of {low:g} to {high:g}"
    return f" of at least {low:g}" if low is not None else f" of at most {high:g}" if high is not None else ""
