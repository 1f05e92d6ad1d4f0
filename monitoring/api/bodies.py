"""The bodies of requests that change something: JSON objects, whose values are checked as strictly as parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from django.utils import timezone
from ninja import Schema
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from monitoring import moments
from monitoring.access import Refused
from monitoring.alerting.answers import AnswerKind
from monitoring.alerting.entries import LONGEST_ANSWER
from monitoring.api.parameters import Allowed
from monitoring.core import inputs
from monitoring.core.alert_matchers import MATCHER_NAMES
from monitoring.core.inputs import echo
from monitoring.models.alert import STATES
from monitoring.models.alert_answer import REPEATS
from monitoring.models.alert_rule import SEVERITIES

LONGEST_TEXT = 255
TEXT_SCHEMA = {"type": "string"}


class JsonValue(Allowed):
    """Reads a value of a JSON object, whatever its type is."""

    def _take(self, value: Any) -> Any:
        try:
            return self.read(value)
        except ValueError:
            context = {"allowed": self.text, "value": echo(_as_json(value))}
            raise PydanticCustomError("not_allowed", "{allowed}", context) from None


def _as_json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _text(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    def checked(value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError
        return read(value)

    return checked


def text_of(longest: int, shortest: int = 0) -> JsonValue:
    def read(text: str) -> str:
        return inputs.plain_text(text.strip(), longest, shortest)

    schema = {**TEXT_SCHEMA, "minLength": shortest, "maxLength": longest}
    return JsonValue(f"a text of {inputs.length_allowed(longest, shortest)}", _text(read), schema)


def one_of(*values: str) -> JsonValue:
    def read(text: str) -> str:
        if text not in values:
            raise ValueError
        return text

    shown = ", ".join(value or '""' for value in values)
    return JsonValue(shown, _text(read), {**TEXT_SCHEMA, "enum": list(values)})


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _matchers(value: Any) -> dict[str, str]:
    """Names and patterns are checked with the silence."""
    if not isinstance(value, dict):
        raise ValueError
    return value


FUTURE = JsonValue(moments.FUTURE_ALLOWED, _text(lambda text: moments.parse_future(text, timezone.now())), TEXT_SCHEMA)
PAST = JsonValue(moments.ALLOWED, _text(lambda text: moments.parse_moment(text, timezone.now())), TEXT_SCHEMA)
TRUTH = JsonValue("true or false", _truth, {"type": "boolean"})
MATCHERS = JsonValue(
    f"an object with one or more of {', '.join(MATCHER_NAMES)}, each with a pattern such as web-*",
    _matchers,
    {"type": "object", "additionalProperties": TEXT_SCHEMA},
)

Text = Annotated[str, text_of(LONGEST_ANSWER)]
Name = Annotated[str | None, text_of(LONGEST_TEXT, shortest=1)]
Until = Annotated[datetime | None, FUTURE]
Truth = Annotated[bool | None, TRUTH]


class JsonBody(Schema):
    """A JSON object; unknown names are refused, because most are typing errors, and null is as good as no value."""

    @model_validator(mode="before")
    @classmethod
    def _only_known(cls, data: Any) -> Any:
        if isinstance(data, Schema):
            return data
        # Ninja wraps what it has read.
        data = getattr(data, "_obj", data)
        known = [field.alias or name for name, field in cls.model_fields.items()]
        allowed = f"an object with {', '.join(known)}" if known else "an empty object"
        if not isinstance(data, Mapping):
            raise Refused(400, "bad_body", f"The body must be {allowed}", allowed=allowed)
        for name in data:
            if name not in known:
                told = f"{echo(str(name))} is not a key here; the keys are {', '.join(known)}"
                raise Refused(400, "unknown_parameter", told, parameter=echo(str(name)), allowed=", ".join(known))
        return {name: value for name, value in data.items() if value is not None}


class Remark(JsonBody):
    """What somebody says about it."""

    text: Text = ""


class Comment(JsonBody):
    text: Annotated[str, text_of(LONGEST_ANSWER, shortest=1)]


class NewAcknowledgement(JsonBody):
    """Without `until`, it holds until the alert is over."""

    until: Until = None
    text: Text = ""


class AlertsWanted(JsonBody):
    """Which alerts: all that meet all of these, those of the list at /api/alerts with the same parameters."""

    start: Annotated[datetime | None, PAST] = Field(None, alias="from")
    end: Annotated[datetime | None, PAST] = Field(None, alias="to")
    state: Annotated[str | None, one_of(*STATES)] = None
    metric: Name = None
    severity: Annotated[str | None, one_of(*dict(SEVERITIES))] = None
    rule: Name = None
    subject: Name = None
    client: Name = None
    node: Name = None
    acknowledged: Truth = None
    silenced: Truth = None


class BatchAnswer(JsonBody):
    """One answer to all alerts that a filter finds, however many; an empty filter finds all."""

    answer: Annotated[str, one_of(*AnswerKind)]
    filter: AlertsWanted
    until: Until = None
    text: Text = ""


class NewSilence(JsonBody):
    """From `starts_at`, by default now, until `ends_at`; a window that repeats has that length each time."""

    matchers: Annotated[dict[str, str], MATCHERS]
    reason: Annotated[str, text_of(LONGEST_ANSWER, shortest=1)]
    ends_at: Annotated[datetime, FUTURE]
    starts_at: Until = None
    repeats: Annotated[str, one_of(*dict(REPEATS))] = ""


class SilencePreview(JsonBody):
    matchers: Annotated[dict[str, str], MATCHERS]
