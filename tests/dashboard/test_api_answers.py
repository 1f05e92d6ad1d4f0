"""The examples of answers are as the schema says."""

import json
from typing import Any

import pytest

from dashboard.api_reference import operations
from monitoring.api.endpoints import api

TYPES: dict[str, Any] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list,
    "null": type(None),
}  # fmt: skip


@pytest.fixture
def schema(db):
    return api.get_openapi_schema()


def differences(value: Any, described: dict[str, Any], known: dict[str, Any], where: str = "") -> list[str]:
    """Where a value is not what a schema describes."""
    if "$ref" in described:
        name = described["$ref"].rpartition("/")[2]
        properties = known[name]["properties"]
        if not isinstance(value, dict) or value.keys() != properties.keys():
            return [f"{where} is no {name}: {value}"]
        return [one for key in properties for one in differences(value[key], properties[key], known, f"{where}.{key}")]
    if "anyOf" in described:
        found = [differences(value, one, known, where) for one in described["anyOf"]]
        return [] if [] in found else found[0]
    if "type" in described and not isinstance(value, TYPES[described["type"]]):
        return [f"{where} is no {described['type']}: {value!r}"]
    if described.get("type") == "array":
        return [one for item in value for one in differences(item, described["items"], known, f"{where}[]")]
    return []


def test_each_answer_has_every_key_of_its_object_and_values_of_the_right_type(schema):
    known = schema["components"]["schemas"]
    found = [one for one in operations(schema, "") if one.answer_example]
    assert len(found) == len(operations(schema, ""))
    for operation in found:
        good = next(answer.of for answer in operation.answers if answer.status < 300)
        value = json.loads(operation.answer_example)
        assert differences(value, {"$ref": f"#/{good}"}, known, operation.anchor) == []


def test_no_value_is_left_to_a_placeholder(schema):
    """A new text gets its example in dashboard/api_answers.py."""
    placeholders = {
        f"{one.anchor}: {line.strip()}"
        for one in operations(schema, "")
        for line in one.answer_example.splitlines()
        if '"…"' in line
    }
    assert placeholders == set()
