"""The endpoints through which programs read one alert, answer alerts, and silence them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from django.http import HttpRequest
from ninja import Body, Path, Query, Router, Status
from ninja.security import HttpBearer, SessionAuth

from monitoring import access
from monitoring.access import Refused
from monitoring.alerting import answers, silences, silencing
from monitoring.alerting.answers import AnswerCounts, AnswerKind, AnswerRefusedError
from monitoring.alerting.rules import rules_in_force
from monitoring.alerting.silencing import SilenceError, SilenceOverError
from monitoring.api import alert_schemas as alert_schemas
from monitoring.api import bodies as bodies
from monitoring.api import parameters as parameters
from monitoring.api import schemas as schemas
from monitoring.api import stored
from monitoring.core.alert_matchers import problems_of_matchers
from monitoring.core.inputs import HIGHEST
from monitoring.history import alerts_now
from monitoring.models import Alert, Silence

REFUSALS = frozenset({400, 401, 403, 429, 503})
ABOUT_ONE = REFUSALS | {404}
TAGS = ["alerts"]
Number = Annotated[int, Path(description="Allowed: the id of an alert or a silence.")]
MOST_ENTRIES, MOST_NOTICES, MOST_EXAMPLES = 500, 100, 20
CODES = {
    answers.AlreadyAcknowledgedError: "already_acknowledged",
    answers.AlreadyResolvedError: "resolved",
    answers.NotAcknowledgedError: "not_acknowledged",
}


class OperatorToken(HttpBearer):
    """One of AVATAR_OPERATOR_TOKENS."""

    def authenticate(self, request: HttpRequest, token: str) -> str:  # noqa: ARG002
        return access.admit_operator(request)


class SignedInOperator(SessionAuth):
    """The session of a signed-in person with the permission `avatar_monitoring.answer_alert`, and the CSRF token."""

    def authenticate(self, request: HttpRequest, key: str | None) -> str:  # noqa: ARG002
        return access.admit_operator(request)


T = TypeVar("T")
alerting = Router(tags=TAGS)
OPERATORS = [OperatorToken(), SignedInOperator(csrf=False)]
"""`admit_operator` checks the CSRF token itself, after the permission, and says what to send."""

NOTHING_SAID, WITHOUT_END = bodies.Remark(), bodies.NewAcknowledgement()
"""What a request without a body says."""

ONE = {200: alert_schemas.Episode, 409: alert_schemas.Conflict, ABOUT_ONE: schemas.Problem}


def _by(request: HttpRequest) -> str:
    """Who was admitted."""
    return str(getattr(request, "auth", ""))


@alerting.get("/alerts/{int:number}", response={200: alert_schemas.AlertDetail, ABOUT_ONE: schemas.Problem})
def alert(request: HttpRequest, number: Number) -> Alert:
    """One alert with its log and the notices about it."""
    parameters.only_known(request)
    found = _alert(number)
    alerts_now.refresh([found])
    stored.marked([found])
    found.told = [  # type: ignore[attr-defined]  # for the answer
        mention.notice
        for mention in found.mentions.select_related("notice__channel").order_by("-notice_id")[:MOST_NOTICES]
    ]
    return found


@alerting.post("/alerts/{int:number}/acknowledge", response=ONE, auth=OPERATORS)
def acknowledge(request: HttpRequest, number: Number, given: Body[bodies.NewAcknowledgement] = WITHOUT_END) -> Alert:
    """Says that somebody takes care of a firing alert. If somebody already does, 409 says who, and since when."""
    return _answer(request, answers.acknowledge, number, text=given.text, until=given.until)


@alerting.post("/alerts/{int:number}/unacknowledge", response=ONE, auth=OPERATORS)
def unacknowledge(request: HttpRequest, number: Number, given: Body[bodies.Remark] = NOTHING_SAID) -> Alert:
    """Takes an acknowledgement back, whoever gave it."""
    return _answer(request, answers.unacknowledge, number, text=given.text)


@alerting.post("/alerts/{int:number}/comment", response=ONE, auth=OPERATORS)
def comment(request: HttpRequest, number: Number, given: bodies.Comment) -> Alert:
    """Adds a line to the log of an alert, also of one that is over."""
    return _answer(request, answers.comment, number, text=given.text)


@alerting.post("/alerts/{int:number}/resolve", response=ONE, auth=OPERATORS)
def resolve(request: HttpRequest, number: Number, given: Body[bodies.Remark] = NOTHING_SAID) -> Alert:
    """Ends a firing alert by hand; when its value crosses the threshold again, it is a new alert."""
    return _answer(request, answers.resolve, number, text=given.text)


@alerting.post("/alerts/answer", response={200: alert_schemas.BatchCounts, REFUSALS: schemas.Problem}, auth=OPERATORS)
def answer_all(request: HttpRequest, given: bodies.BatchAnswer) -> AnswerCounts:
    """Gives one answer to all alerts that a filter finds, and says how many there were of each kind."""
    parameters.only_known(request)
    if given.until is not None and given.answer != AnswerKind.ACKNOWLEDGE:
        raise parameters.bad_parameter("until", given.until.isoformat(), "left out: only an acknowledgement ends")
    if not given.text and given.answer == AnswerKind.COMMENT:
        raise parameters.bad_parameter("text", None, "a text of 1 to 1000 characters")
    how = {"until": given.until} if given.until else {}
    found = stored.filtered(given.filter, stored.stretch(given.filter))
    return _checked(lambda: answers.ANSWERS[given.answer](found, _by(request), text=given.text, **how))


@alerting.get("/silences", response={200: alert_schemas.Silences, REFUSALS: schemas.Problem})
def list_silences(request: HttpRequest, asked: Query[parameters.SilencesParams]) -> dict[str, Any]:
    """Silences and maintenance windows, newest first."""
    rows, more = stored.silence_rows(asked)
    after = {"after": str(parameters.PagePosition(*rows[-1].place))} if more else None
    return {"silences": rows, "next": parameters.next_page(request, **after) if after else None}


@alerting.post("/silences", response={201: alert_schemas.SilenceRecord, REFUSALS: schemas.Problem}, auth=OPERATORS)
def silence(request: HttpRequest, given: bodies.NewSilence) -> Status[Silence]:
    """Silences all alerts that match, now or in a maintenance window that begins later or repeats."""
    parameters.only_known(request)
    return Status(201, _checked(lambda: silencing.create(by=_by(request), **given.dict())))


@alerting.post("/silences/preview", response={200: alert_schemas.Hidden, REFUSALS: schemas.Problem}, auth=OPERATORS)
def preview(request: HttpRequest, given: bodies.SilencePreview) -> dict[str, Any]:
    """Says what a silence with these matchers would hide now; changes nothing."""
    parameters.only_known(request)
    for problem in problems_of_matchers(given.matchers):
        raise Refused(400, "bad_parameter", problem, parameter="matchers")
    found = silences.matching(given.matchers)
    return {"hides": found.count(), "examples": list(found.values_list("subject", flat=True)[:MOST_EXAMPLES])}


@alerting.post(
    "/silences/{int:number}/end",
    response={200: alert_schemas.SilenceRecord, 409: alert_schemas.Conflict, ABOUT_ONE: schemas.Problem},
    auth=OPERATORS,
)
def end_silence(request: HttpRequest, number: Number) -> Silence:
    """Ends a silence before its time."""
    parameters.only_known(request)
    found = Silence.objects.numbered(number).first() if number <= HIGHEST else None
    if found is None:
        raise Refused(404, "not_found", f"There is no silence {number}", value=str(number))
    try:
        return silencing.end(found, _by(request))
    except SilenceOverError as error:
        raise _conflict("over", error, error.by, error.at) from None


@alerting.get("/rules", response={200: alert_schemas.Rules, REFUSALS: schemas.Problem})
def rules(request: HttpRequest) -> dict[str, Any]:
    """The rules in force: the built-in ones, and those that people have made or changed."""
    parameters.only_known(request)
    return {"rules": list(rules_in_force().values())}


def _answer(request: HttpRequest, answer: Callable[..., AnswerCounts], number: int, **how: Any) -> Alert:
    parameters.only_known(request)
    _alert(number)
    try:
        found = _checked(lambda: answers.answer_one(answer, number, _by(request), **how))
    except AnswerRefusedError as error:
        by, at = getattr(error, "by", None), getattr(error, "at", None)
        raise _conflict(CODES[type(error)], error, by, at) from None
    except Alert.DoesNotExist:
        raise _no_alert(number) from None
    return stored.marked([found])[0]


def _checked(change: Callable[[], T]) -> T:
    """Refuses what the rules of answers and silences do not allow; their errors name the value and what is allowed."""
    try:
        return change()
    except SilenceError as error:
        raise Refused(400, "bad_parameter", str(error), parameter=error.field) from None
    except ValueError as error:
        raise Refused(400, "bad_parameter", str(error), parameter=str(error).partition("=")[0]) from None


def _alert(number: int) -> Alert:
    found = Alert.objects.numbered(number).first() if number <= HIGHEST else None
    if found is None:
        raise _no_alert(number)
    return found


def _no_alert(number: int) -> Refused:
    return Refused(404, "not_found", f"There is no alert {number}", value=str(number))


def _conflict(code: str, error: Exception, by: str | None, at: Any) -> Refused:
    return Refused(409, code, str(error), by=by, at=at)
