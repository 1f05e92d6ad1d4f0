"""The API's OpenAPI schema as a person reads it: its operations, what each takes and answers, and how to call it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from dashboard.api_answers import answer_example
from dashboard.api_calls import PARAMETER_EXAMPLES, Example, address, examples

ALLOWED = "Allowed: "
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kind: str
    is_required: bool
    default: str | None
    allowed: str
    choices: list[str]
    examples: list[str]


@dataclass(frozen=True, slots=True)
class Field:
    """One key of an object; `of` is the name of the object that it holds, if it holds one."""

    name: str
    kind: str
    of: str
    text: str


@dataclass(frozen=True, slots=True)
class ObjectType:
    name: str
    text: str
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    meaning: str
    of: str


@dataclass(frozen=True, slots=True)
class Operation:
    anchor: str
    tag: str
    method: str
    path: str
    text: str
    parameters: list[Parameter]
    body: str
    """The name of the object that it takes, empty if it takes none."""
    answers: list[Answer]
    examples: list[Example]
    answer_example: str
    """The JSON of a successful answer, empty if there is none."""


def operations(schema: Schema, site: str) -> list[Operation]:
    """All operations, in the schema's order; the examples call them at the site's address, such as https://a.org."""
    known = schema["components"]["schemas"]
    return [
        _operation(path, method, described, site, known)
        for path, methods in schema["paths"].items()
        for method, described in methods.items()
    ]


def objects(schema: Schema) -> list[ObjectType]:
    """The objects that bodies and answers consist of, by name."""
    known = schema["components"]["schemas"]
    found_in = operations(schema, "")
    wanted = {answer.of for operation in found_in for answer in operation.answers}
    wanted = (wanted | {operation.body for operation in found_in}) - {""}
    found: dict[str, ObjectType] = {}
    while missing := wanted - found.keys():
        for name in missing:
            found[name] = _object(name, known[name])
            wanted |= {field.of for field in found[name].fields} - {""}
    return [found[name] for name in sorted(found)]


def _operation(path: str, method: str, described: Schema, site: str, known: Schema) -> Operation:
    found = described.get("parameters", [])
    parameters = [_parameter(one) for one in found]
    in_path = {one["name"] for one in found if one["in"] == "path"}
    query = dict(_example_values([one for one in parameters if one.name not in in_path]))
    body = _name_of(_content(described.get("requestBody", {})))
    answers = sorted((_answer(*one) for one in described["responses"].items()), key=lambda answer: answer.status)
    good = next((answer.of for answer in answers if answer.status < 300), "")
    return Operation(
        anchor=_anchor(path, method),
        tag=next(iter(described.get("tags", ())), ""),
        method=method.upper(),
        path=path,
        text=described.get("description", ""),
        parameters=parameters,
        body=body,
        answers=answers,
        examples=examples(
            address(site, path, in_path, query), method.upper(), known[body]["properties"] if body else ()
        ),
        answer_example=answer_example(good, known) if good else "",
    )


def _anchor(path: str, method: str) -> str:
    name = path.rpartition("/api/")[2].replace("/", "-").replace("{", "").replace("}", "")
    return name if method == "get" else f"{method}-{name}"


def _example_values(parameters: list[Parameter]) -> Iterator[tuple[str, str]]:
    for one in parameters:
        if one.name in PARAMETER_EXAMPLES:
            yield one.name, PARAMETER_EXAMPLES[one.name]
        elif one.is_required:
            yield one.name, next(iter(one.choices or one.examples), "…")


def _parameter(described: Schema) -> Parameter:
    inner = _value(described["schema"])
    is_list = inner.get("type") == "array"
    single = _value(inner["items"]) if is_list else inner
    text = single.get("description") or described.get("description", "")
    default = described["schema"].get("default")
    choices = [str(choice) for choice in single.get("enum", [])]
    return Parameter(
        name=described["name"],
        kind=f"{single.get('type', 'text')}, may be repeated" if is_list else single.get("type", "text"),
        is_required=described.get("required", False),
        default=None if default in (None, "", []) else str(default),
        allowed="" if choices else text.removeprefix(ALLOWED).rstrip("."),
        choices=choices,
        examples=[str(example) for example in single.get("examples", [])],
    )


def _answer(status: str, described: Schema) -> Answer:
    return Answer(int(status), HTTPStatus(int(status)).phrase, _name_of(_content(described)))


def _content(described: Schema) -> Schema:
    found: Schema = described.get("content", {}).get("application/json", {}).get("schema", {})
    # A body that may be left out has a default beside it.
    return found["allOf"][0] if "allOf" in found else found


def _object(name: str, described: Schema) -> ObjectType:
    required = described.get("required", ()) if "Allowed: " in str(described) else ()
    fields = [_field(key, value, is_required=key in required) for key, value in described.get("properties", {}).items()]
    return ObjectType(name, described.get("description", ""), fields)


def _field(name: str, described: Schema, *, is_required: bool = False) -> Field:
    value = _value(described)
    items = value.get("items", {})
    of = _name_of(value) or _name_of(items)
    kind = value.get("format") or value.get("type", "object")
    if value.get("type") == "array":
        kind = "list of" if of else f"list of {items.get('type', 'anything')}s"
    elif of:
        kind = ""
    may_be_null = any(choice.get("type") == "null" for choice in described.get("anyOf", []))
    kind = f"{kind} or null" if may_be_null else kind
    text = described.get("description", "") or value.get("description", "")
    return Field(name, f"{kind}, required" if is_required else kind, of, text)


def _value(described: Schema) -> Schema:
    """Of a value that may be null, what it is otherwise."""
    choices: list[Schema] = [choice for choice in described.get("anyOf", []) if choice.get("type") != "null"]
    return choices[0] if choices else described


def _name_of(described: Schema) -> str:
    return str(described.get("$ref", "")).rpartition("/")[2]
