"""The parameters of the endpoints: each with what is allowed, for both the check and the docs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from ninja.errors import ValidationError
from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from monitoring import moments
from monitoring.access import Refused
from monitoring.core import inputs
from monitoring.core.causes import Cause
from monitoring.core.client_order import SORT_KEYS
from monitoring.core.client_states import CLIENT_STATES
from monitoring.core.own_gauges import NAME
from monitoring.core.stats.breakdowns import KINDS
from monitoring.core.view import LONGEST_SEARCH, MAX_OFFSET, MAX_ROWS, VERDICTS
from monitoring.history.breakdown_series import By
from monitoring.history.own_metrics import own_metrics
from monitoring.history.series import METRICS, MOST_POINTS
from monitoring.models.alert import STATES
from monitoring.models.alert_rule import SEVERITIES
from monitoring.models.marker import KINDS as KINDS_OF_MARKERS

LONGEST_TEXT = 255
REQUIRED = "required"
SILENCE_STATES = ("all", "open")


class PagePosition(NamedTuple):
    """The position of a row among its kind, newest first: when it began, and its number."""

    began: datetime
    number: int

    def __str__(self) -> str:
        return f"{self.began.isoformat()}_{self.number}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Reads a parameter's text with `read`, which raises ValueError; `text` says what is allowed."""

    text: str
    read: Callable[[str], Any]
    schema: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._take)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**self.schema, "description": f"Allowed: {self.text}."}

    def _take(self, value: Any) -> Any:
        try:
            return self.read(value) if isinstance(value, str) else value
        except ValueError:
            raise PydanticCustomError("not_allowed", "{allowed}", {"allowed": self.text}) from None


def whole_number(low: int, high: int) -> Allowed:
    read = partial(inputs.whole_number, low=low, high=high)
    return Allowed(f"{low} to {high}", read, {"type": "integer", "minimum": low, "maximum": high})


def one_of(values: Iterable[str]) -> Allowed:
    known = list(values)

    def read(text: str) -> str:
        if text not in known:
            raise ValueError
        return text

    return Allowed(", ".join(known), read, {"type": "string", "enum": known})


def text_of(longest: int, shortest: int = 0) -> Allowed:
    read = partial(inputs.plain_text, longest=longest, shortest=shortest)
    schema = {"type": "string", "minLength": shortest, "maxLength": longest}
    return Allowed(inputs.length_allowed(longest, shortest), read, schema)


def place(text: str) -> PagePosition:
    began, _, number = text.rpartition("_")
    return PagePosition(moment(began), inputs.whole_number(number))


def truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError
    return text == "true"


def moment(text: str) -> datetime:
    return moments.parse_moment(text, timezone.now())


def metric(text: str) -> str:
    if text not in METRICS and not own_metrics([text]):
        raise ValueError
    return text


MOMENT = Allowed(moments.ALLOWED, moment, {"type": "string", "minLength": 1})
PLACE = Allowed("the value in next", place, {"type": "string", "minLength": 1})
EITHER = Allowed("true or false", truth, {"type": "boolean"})
METRIC = Allowed(
    f"{', '.join(METRICS)}, or a gauge of the project",
    metric,
    {"type": "string", "pattern": f"^{NAME.pattern}$", "examples": list(METRICS)},
)
SORTS = [f"{sign}{key}" for key in SORT_KEYS for sign in ("", "-")]

Start = Annotated[datetime | None, MOMENT]
Limit = Annotated[int, whole_number(1, MAX_ROWS)]
Offset = Annotated[int, whole_number(0, MAX_OFFSET)]
# An empty one is a variable that is not set: answering with everything would hide that.
Name = Annotated[str | None, text_of(LONGEST_TEXT, shortest=1)]


class QueryParams(Schema):
    """A query string; unknown names are refused, because most are typing errors."""

    @model_validator(mode="before")
    @classmethod
    def _only_known(cls, data: Any, info: ValidationInfo) -> Any:
        only_known((info.context or {})["request"], [field.alias or name for name, field in cls.model_fields.items()])
        return data


class Range(QueryParams):
    """A range of time; either end may be left open."""

    start: Start = Field(None, alias="from")
    end: Start = Field(None, alias="to")


class PageParams(Range):
    """The rows after a place, or the first rows."""

    # A Place or None; a parameter whose type is a tuple would be taken for a list of values.
    after: Annotated[Any, PLACE] = None
    limit: Limit = MAX_ROWS


class ClientsParams(QueryParams):
    sort: Annotated[str, one_of(SORTS)] = "client_id"
    search: Annotated[str, text_of(LONGEST_SEARCH)] = ""
    verdict: Annotated[str | None, one_of(VERDICTS)] = None
    state: Annotated[str | None, one_of(CLIENT_STATES)] = None
    offset: Offset = 0
    limit: Limit = MAX_ROWS


class SeriesParams(Range):
    metric: Annotated[str, METRIC]
    node: list[Annotated[str, text_of(LONGEST_TEXT, shortest=1)]] = []
    points: Annotated[int, whole_number(1, MOST_POINTS)] = 300


class BreakdownParams(Range):
    kind: Annotated[str, one_of(KINDS)]
    by: Annotated[str, one_of(By)] = By.NAME
    path: Name = None
    node: list[Annotated[str, text_of(LONGEST_TEXT, shortest=1)]] = []
    points: Annotated[int, whole_number(1, MOST_POINTS)] = 300


class AlertsParams(PageParams):
    state: Annotated[str | None, one_of(STATES)] = None
    # Rules may be about gauges of the project's own.
    metric: Name = None
    severity: Annotated[str | None, one_of(dict(SEVERITIES))] = None
    rule: Name = None
    subject: Name = None
    client: Name = None
    node: Name = None
    acknowledged: Annotated[bool | None, EITHER] = None
    silenced: Annotated[bool | None, EITHER] = None


class SilencesParams(QueryParams):
    state: Annotated[str, one_of(SILENCE_STATES)] = "all"
    after: Annotated[Any, PLACE] = None
    limit: Limit = MAX_ROWS


class SessionsParams(PageParams):
    client_id: Name = None
    user: Name = None
    room: Name = None
    cause: Annotated[str | None, one_of(Cause)] = None
    open: Annotated[bool | None, EITHER] = None


class MarkersParams(PageParams):
    kind: Annotated[str | None, one_of(dict(KINDS_OF_MARKERS))] = None


def only_known(request: HttpRequest, known: Collection[str] = ()) -> None:
    """Raises Refused for a parameter that is not one of these."""
    allowed = ", ".join(known) or "none"
    told = f"the parameters are {allowed}" if known else "it has no parameters"
    for name in request.GET:
        if name not in known:
            message = f"{name} is not a parameter of {request.path}; {told}"
            raise Refused(400, "unknown_parameter", message, parameter=name, value=request.GET[name], allowed=allowed)


def next_page(request: HttpRequest, **changed: object) -> str:
    """The address of this request with some of its parameters changed."""
    return f"{request.path}?{urlencode({**request.GET.dict(), **changed})}"


def refusal(request: HttpRequest, error: ValidationError) -> Refused:
    """The first error in a query string or a body, in the form that callers get."""
    first = error.errors[0]
    if first["loc"] == ("body", "given"):
        return Refused(400, "bad_body", "The body is missing: it must be a JSON object")
    # The position of a value in a list means nothing to people.
    name = [part for part in first["loc"] if isinstance(part, str)][-1]
    at = first["loc"][-1] if isinstance(first["loc"][-1], int) else -1
    value = request.GET.getlist(name)[at] if name in request.GET else None
    context = first.get("ctx", {})
    if first["loc"][0] == "body":
        value = context.get("value")
    elif first["loc"][0] == "path" and request.resolver_match:
        value = inputs.echo(str(request.resolver_match.kwargs.get(name)))
    allowed = context.get("allowed", REQUIRED)
    return bad_parameter(name, value, allowed)


def bad_parameter(name: str, value: str | None, allowed: str) -> Refused:
    said = f"{name} is missing" if value is None else f"{name}={value}"
    message = said if allowed == REQUIRED and value is None else f"{said}: must be {allowed}"
    return Refused(400, "bad_parameter", message, parameter=name, value=value, allowed=allowed)
