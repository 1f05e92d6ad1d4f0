"""The API's OpenAPI schema as a person reads it: its operations, what each takes and answers, and how to call it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

ALLOWED = "Allowed: "
EXAMPLES = {"from": "-1h", "limit": "10"}
"""Values in the examples; a parameter that must be given and is not here gets the first one allowed."""

PYTHON = """import json
from os import environ
from urllib.request import Request, urlopen

request = Request("{url}", headers={{"Authorization": f"Bearer {{environ['TOKEN']}}"}})
with urlopen(request) as response:
    print(json.load(response))"""
JAVASCRIPT = """const response = await fetch("{url}", {{
  headers: {{ Authorization: `Bearer ${{process.env.TOKEN}}` }},
}});
console.log(await response.json());"""
CURL = 'curl -H "Authorization: Bearer $TOKEN" \\\n  "{url}"'
LANGUAGES = {"curl": CURL, "Python": PYTHON, "JavaScript": JAVASCRIPT}

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
class Example:
    language: str
    code: str


@dataclass(frozen=True, slots=True)
class Operation:
    anchor: str
    method: str
    path: str
    text: str
    parameters: list[Parameter]
    answers: list[Answer]
    examples: list[Example]


def operations(schema: Schema, site: str) -> list[Operation]:
    """All operations, in the schema's order; the examples call them at the site's address, such as https://a.org."""
    return [
        _operation(path, method, described, site)
        for path, methods in schema["paths"].items()
        for method, described in methods.items()
    ]


def objects(schema: Schema) -> list[ObjectType]:
    """The objects that answers consist of, by name."""
    known = schema["components"]["schemas"]
    wanted = {answer.of for operation in operations(schema, "") for answer in operation.answers} - {""}
    found: dict[str, ObjectType] = {}
    while missing := wanted - found.keys():
        for name in missing:
            found[name] = _object(name, known[name])
            wanted |= {field.of for field in found[name].fields} - {""}
    return [found[name] for name in sorted(found)]


def _operation(path: str, method: str, described: Schema, site: str) -> Operation:
    parameters = [_parameter(one) for one in described.get("parameters", [])]
    url = f"{site}{path}"
    if query := urlencode(dict(_example_values(parameters))):
        url = f"{url}?{query}"
    return Operation(
        anchor=path.strip("/").rpartition("/")[2],
        method=method.upper(),
        path=path,
        text=described.get("description", ""),
        parameters=parameters,
        answers=sorted((_answer(*one) for one in described["responses"].items()), key=lambda answer: answer.status),
        examples=[Example(language, template.format(url=url)) for language, template in LANGUAGES.items()],
    )


def _example_values(parameters: list[Parameter]) -> Iterator[tuple[str, str]]:
    for one in parameters:
        if one.name in EXAMPLES:
            yield one.name, EXAMPLES[one.name]
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
    content = described.get("content", {}).get("application/json", {}).get("schema", {})
    return Answer(int(status), HTTPStatus(int(status)).phrase, _name_of(content))


def _object(name: str, described: Schema) -> ObjectType:
    fields = [_field(key, value) for key, value in described.get("properties", {}).items()]
    return ObjectType(name, described.get("description", ""), fields)


def _field(name: str, described: Schema) -> Field:
    value = _value(described)
    items = value.get("items", {})
    of = _name_of(value) or _name_of(items)
    kind = value.get("format") or value.get("type", "object")
    if value.get("type") == "array":
        kind = "list of" if of else f"list of {items.get('type', 'anything')}s"
    elif of:
        kind = ""
    may_be_null = any(choice.get("type") == "null" for choice in described.get("anyOf", []))
    return Field(name, f"{kind} or null" if may_be_null else kind, of, described.get("description", ""))


def _value(described: Schema) -> Schema:
    """Of a value that may be null, what it is otherwise."""
    choices: list[Schema] = [choice for choice in described.get("anyOf", []) if choice.get("type") != "null"]
    return choices[0] if choices else described


def _name_of(described: Schema) -> str:
    return str(described.get("$ref", "")).rpartition("/")[2]
