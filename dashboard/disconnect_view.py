"""What the pages send when a person disconnects clients: JSON in, JSON out.

It is refused with `{"error": …}`: 400 names what is wrong, 401 if nobody is signed in, 403 without the permission, 503
if it cannot be recorded.
"""

from __future__ import annotations

import json
import logging
from typing import Any, Final

import msgspec
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext_noop
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from dashboard.kiosk_mode import shown_mode
from dashboard.languages import gettext
from dashboard.problem_texts import refusal_text
from monitoring import disconnecting
from monitoring.access import DISCONNECT_PERMISSION, lacks, signed_in
from monitoring.fleet.node_answers import Target

logger = logging.getLogger(__name__)

NOT_RECORDED: Final = gettext_noop("This cannot be recorded now, so nobody was disconnected.")


class DisconnectBody(msgspec.Struct, forbid_unknown_fields=True):
    """Up to 100 clients, each with the node that it is on, or without if that is not known, and why."""

    clients: list[Target]
    reason: str = ""


def may_disconnect(request: HttpRequest) -> bool:
    user = signed_in(request)
    return user is not None and shown_mode(request) is None and lacks(user, DISCONNECT_PERMISSION) is None


@login_not_required
@require_POST
@csrf_protect
def disconnect(request: HttpRequest) -> JsonResponse:
    """Answers with `outcomes`: `client_id`, `node` and `outcome` of each client, in the order of the request."""
    status, body = _refusal(request) or _outcome(request)
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})


def _refusal(request: HttpRequest) -> tuple[int, dict[str, Any]] | None:
    user = signed_in(request)
    if user is None:
        return 401, {"error": gettext("You are no longer signed in. Reload the page.")}
    reason = lacks(user) or lacks(user, DISCONNECT_PERMISSION)
    if reason is not None:
        return 403, {"error": refusal_text(reason)}
    return None if settings.USE_TZ else (503, {"error": gettext("This is recorded only with USE_TZ = True")})


def _outcome(request: HttpRequest) -> tuple[int, dict[str, Any]]:
    try:
        asked = msgspec.convert(json.loads(request.body), DisconnectBody)
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, msgspec.ValidationError) else "it is no JSON"
        return 400, {"error": f"The body must be an object with clients and reason: {why}"}
    try:
        found = disconnecting.disconnect(asked.clients, request.user.get_username(), asked.reason.strip())
    except ValueError as error:
        return 400, {"error": str(error)}
    except DatabaseError:
        logger.exception("Cannot record that clients are to be disconnected")
        return 503, {"error": gettext(NOT_RECORDED)}
    outcomes = [{"client_id": one.client_id, "node": one.node, "outcome": one.outcome} for one in found]
    return 200, {"outcomes": outcomes}
