"""The API's OpenAPI schema as a person reads it: its operations, what each takes and answers, and how to call it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

ALLOWED = "Allowed: "
EXAMPLES = {"from": "-1h", "limit": "10"}
"""Values in the examples; a parameter that must be given and is not here gets the first one allowed."""

PLACE_EXAMPLE = "1"
"""What stands for a part of a path."""

BODY_EXAMPLES: Mapping[str, Any] = {
    "clients": [{"client_id": "ann"}],
    "answer": "acknowledge",
    "filter": {"severity": "warning", "node": "web:1"},
    "until": "+4h",
    "text": "I look into it",
    "matchers": {"host": "web-*"},
    "reason": "The hosts move to another rack",
    "ends_at": "+2h",
}
"""Values in the examples of bodies; what is not here need not be given."""

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

PYTHON_WITH_BODY = """import json
from os import environ
from urllib.request import Request, urlopen

body = {body}
headers = {{"Authorization": f"Bearer {{environ['TOKEN']}}", "Content-Type": "application/json"}}
request = Request("{url}", json.dumps(body).encode(), headers, method="{method}")
with urlopen(request) as response:
    print(json.load(response))"""
JAVASCRIPT_WITH_BODY = """const response = await fetch("{url}", {{
  method: "{method}",
  headers: {{ Authorization: `Bearer ${{process.env.TOKEN}}`, "Content-Type": "application/json" }},
  body: JSON.stringify({body}),
}});
console.log(await response.json());"""
CURL_WITH_BODY = """curl -X {method} -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{body}' \\
  "{url}\""""
LANGUAGES_WITH_BODY = {"curl": CURL_WITH_BODY, "Python": PYTHON_WITH_BODY, "JavaScript": JAVASCRIPT_WITH_BODY}

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
    body: str
    """The name of the object that it takes, empty if it takes none."""
    answers: list[Answer]
    examples: list[Example]


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
    url = f"{site}{path}"
    for name in in_path:
        url = url.replace(f"{{{name}}}", PLACE_EXAMPLE)
    if query := urlencode(dict(_example_values([one for one in parameters if one.name not in in_path]))):
        url = f"{url}?{query}"
    body = _name_of(_content(described.get("requestBody", {})))
    return Operation(
        anchor=_anchor(path, method),
        method=method.upper(),
        path=path,
        text=described.get("description", ""),
        parameters=parameters,
        body=body,
        answers=sorted((_answer(*one) for one in described["responses"].items()), key=lambda answer: answer.status),
        examples=_examples(url, method.upper(), known[body] if body else None),
    )


def _anchor(path: str, method: str) -> str:
    name = path.rpartition("/api/")[2].replace("/", "-").replace("{", "").replace("}", "")
    return name if method == "get" else f"{method}-{name}"


def _examples(url: str, method: str, body: Schema | None) -> list[Example]:
    if method == "GET":
        return [Example(language, template.format(url=url)) for language, template in LANGUAGES.items()]
    names = body["properties"] if body else ()
    given = json.dumps({name: BODY_EXAMPLES[name] for name in names if name in BODY_EXAMPLES})
    return [
        Example(language, template.format(url=url, method=method, body=given))
        for language, template in LANGUAGES_WITH_BODY.items()
    ]


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
