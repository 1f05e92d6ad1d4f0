"""What the pages send when a person answers alerts or silences them: JSON in, JSON out.

An answer is refused with `{"error": …}`: 400 names what is wrong, 403 without the permission, 404 if no alert matches,
409 if somebody else was first (with `by` and `at`) or the alert is over.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_noop
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from dashboard.answer_choices import LENGTHS, MATCHER_FIELDS, REPEATS, may_answer
from dashboard.gates import BadRequestError
from dashboard.languages import gettext
from dashboard.problem_texts import problem_text, refusal_text
from monitoring.access import ANSWER_PERMISSION, lacks, signed_in
from monitoring.alerting import answers, silencing
from monitoring.alerting.answers import AlreadyAcknowledgedError, AlreadyResolvedError, NotAcknowledgedError
from monitoring.alerting.silencing import SilenceOverError
from monitoring.core.inputs import HIGHEST, echo, plain_text
from monitoring.history.alert_search import AlertSearch
from monitoring.models import Alert, Silence
from monitoring.models.alert import AlertQuerySet
from monitoring.moments import ALLOWED, parse_moment

LONGEST_TEXT: Final = 1_000
ACTS: Final[dict[str, Callable[..., Any]]] = {
    "acknowledge": answers.acknowledge,
    "unacknowledge": answers.unacknowledge,
    "comment": answers.comment,
    "resolve": answers.resolve,
}
NO_MATCH: Final = gettext_noop("No firing alert matches. One that has just begun is stored within seconds: try again.")

Body = dict[str, Any]
Action = Callable[..., Body]


class NoMatchError(Exception):
    """There is nothing to answer."""


def answering(action: Action) -> Callable[..., JsonResponse]:
    """A POST of a JSON object by somebody who may answer alerts."""

    @wraps(action)
    def view(request: HttpRequest, **arguments: Any) -> JsonResponse:
        status, body = _refusal(request) or _outcome(action, request, arguments)
        return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})

    return login_not_required(require_POST(csrf_protect(view)))


def _refusal(request: HttpRequest) -> tuple[int, Body] | None:
    user = signed_in(request)
    if user is None:
        return 401, {"error": gettext("You are no longer signed in. Reload the page.")}
    reason = lacks(user) or (None if may_answer(request) else f"This needs the permission {ANSWER_PERMISSION}")
    if reason is not None:
        return 403, {"error": refusal_text(reason)}
    return None if settings.USE_TZ else (503, {"error": gettext("Alerts are stored only with USE_TZ = True")})


def _outcome(action: Action, request: HttpRequest, arguments: Body) -> tuple[int, Body]:
    try:
        return 200, action(_body(request), request.user.get_username(), **arguments)
    except (NoMatchError, Alert.DoesNotExist):
        return 404, {"error": gettext(NO_MATCH)}
    except Silence.DoesNotExist:
        return 404, {"error": gettext("There is no such silence.")}
    except AlreadyAcknowledgedError as error:
        by, at = error.by, error.at.isoformat()
        return 409, {"error": gettext("%(name)s has acknowledged this already") % {"name": by}, "by": by, "at": at}
    except AlreadyResolvedError as error:
        return 409, {"error": _already_over(error.by)}
    except SilenceOverError as error:
        by_whom = gettext("%(name)s has ended this silence already.") if error.by else ""
        return 409, {"error": by_whom % {"name": error.by} or gettext("This silence is over already.")}
    except NotAcknowledgedError:
        return 409, {"error": gettext("This alert is not acknowledged any more.")}
    except (BadRequestError, ValueError) as error:
        return 400, {"error": problem_text(str(error))}


def _already_over(by: str) -> str:
    if not by:
        return gettext("This alert has ended already. It stays over, and nothing was changed.")
    sentence = gettext("%(name)s has resolved this alert already. It stays over, and nothing was changed.")
    return sentence % {"name": by}


def _body(request: HttpRequest) -> Body:
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):  # the latter of one that nests thousands of levels
        found = None
    if not isinstance(found, dict):
        raise BadRequestError("the body must be a JSON object")
    return found


@answering
def answer(body: Body, by: str) -> Body:
    """`act` one of ACTS; `alert` a number, or `filter` a query string of the page; `text`; `until` for acknowledge."""
    act = str(body.get("act", ""))
    if act not in ACTS:
        raise BadRequestError(f"act={echo(act)}: must be one of {', '.join(ACTS)}")
    text = _text(body, "text", needed=act == "comment")
    how: Body = {"until": _until(body)} if act == "acknowledge" else {}
    how["text"] = text
    number = body.get("alert")
    if number is not None:
        return _one(act, _number(number), by, how)
    found = _filtered(body)
    numbers = list(found.order_by().values_list("pk", flat=True)[:2])
    if not numbers:
        raise NoMatchError
    if len(numbers) == 1:
        return _one(act, numbers[0], by, how)
    given = ACTS[act](found, by, **how)
    return {"changed": given.done, "passed_over": given.already + given.resolved}


def _one(act: str, number: int, by: str, how: Body) -> Body:
    answers.answer_one(ACTS[act], number, by, **how)
    return {"changed": 1, "passed_over": 0}


def _number(given: Any) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 < given <= HIGHEST:
        raise BadRequestError(f"alert={echo(str(given))}: must be the number of an alert")
    return given


def _filtered(body: Body) -> AlertQuerySet:
    """What fires and matches. A filter that was not understood must not mean more alerts than were meant."""
    if not isinstance(body.get("filter"), str):
        raise BadRequestError("filter: must be a query string, or alert a number")
    search = AlertSearch.of(QueryDict(body["filter"]), timezone.now())
    for problem in search.problems:
        raise BadRequestError(problem)
    return search.episodes().firing()


def _until(body: Body) -> datetime | None:
    given = str(body.get("until") or "")
    now = timezone.now()
    if not given:
        return None
    if given in LENGTHS:
        return now + LENGTHS[given][1]
    try:
        return parse_moment(given, now)
    except ValueError:
        raise BadRequestError(f"until={echo(given)}: must be one of {', '.join(LENGTHS)}, or {ALLOWED}") from None


def _text(body: Body, name: str, *, needed: bool) -> str:
    given = body.get(name) or ""
    if not isinstance(given, str):
        raise BadRequestError(f"{name}={echo(str(given))}: must be a text")
    try:
        text = plain_text(given.strip(), LONGEST_TEXT)
    except ValueError as error:
        raise BadRequestError(f"{name}: must be {error}") from None
    if needed and not text:
        raise BadRequestError(f"{name}: must not be empty")
    return text


@answering
def silence(body: Body, by: str) -> Body:
    """`matchers` by field; `reason`; `length` one of LENGTHS; `starts` a moment, by default now; `repeats`."""
    now = timezone.now()
    length = str(body.get("length", ""))
    if length not in LENGTHS:
        raise BadRequestError(f"length={echo(length)}: must be one of {', '.join(LENGTHS)}")
    repeats = str(body.get("repeats") or "")
    if repeats not in REPEATS:
        raise BadRequestError(f"repeats={echo(repeats)}: must be one of {', '.join(filter(None, REPEATS))}, or empty")
    starts = _starts(body, now)
    made = silencing.create(
        matchers=_matchers(body),
        by=by,
        reason=_text(body, "reason", needed=True),
        starts_at=starts,
        ends_at=starts + LENGTHS[length][1],
        repeats=repeats,
    )
    return {"silence": made.pk}


def _matchers(body: Body) -> dict[str, str]:
    given = body.get("matchers")
    if not isinstance(given, dict) or not given:
        raise BadRequestError("matchers: at least one field must be given; * stands for any text")
    for name in given:
        if name not in MATCHER_FIELDS:
            raise BadRequestError(f"matchers: {echo(str(name))} must be one of {', '.join(MATCHER_FIELDS)}")
    return {name: _text(given, name, needed=True) for name in given}


def _starts(body: Body, now: datetime) -> datetime:
    given = str(body.get("starts") or "now")
    try:
        return parse_moment(given, now)
    except ValueError:
        raise BadRequestError(f"starts={echo(given)}: must be {ALLOWED}") from None


@answering
def end_silence(_: Body, by: str, number: int) -> Body:
    """Ends a silence before its time."""
    silencing.end(Silence.objects.get(pk=number), by)
    return {"silence": number}
