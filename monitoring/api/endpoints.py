"""The REST API under `/api/`: current data, stored data, and answers to alerts."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Query
from ninja.errors import HttpError, ValidationError
from ninja.openapi import get_schema
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer, SessionAuth

from monitoring import access
from monitoring.access import Refused
from monitoring.api import alert_schemas as alert_schemas
from monitoring.api import live, stored
from monitoring.api import marker_schemas as marker_schemas
from monitoring.api import parameters as parameters
from monitoring.api import schemas as schemas
from monitoring.api import session_schemas as session_schemas
from monitoring.api.alert_endpoints import REFUSALS, alerting
from monitoring.api.client_endpoints import about_clients
from monitoring.api.client_history_endpoint import history_of_clients
from monitoring.core.groups import GroupedView
from monitoring.core.view import View
from monitoring.models import Node
from monitoring.shown_addresses import address_mask_of

logger = logging.getLogger(__name__)


class TokenAuth(HttpBearer):
    """One of AVATAR_API_TOKENS or AVATAR_OPERATOR_TOKENS."""

    def authenticate(self, request: HttpRequest, token: str) -> str:  # noqa: ARG002
        return access.admit(request)


class SignedInViewer(SessionAuth):
    """The session of a signed-in person with the permission `avatar_monitoring.view_live`."""

    def authenticate(self, request: HttpRequest, key: str | None) -> str:  # noqa: ARG002
        return access.admit(request)


class MonitoringAPI(NinjaAPI):
    """Its answers are never cached. Its description is: making it keeps a server busy for a third of a second."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        return _described(self.get_root_path(path_params or {}) if path_prefix is None else path_prefix)

    def create_response(self, *args: Any, **options: Any) -> HttpResponse:
        response = super().create_response(*args, **options)
        response["Cache-Control"] = "no-store"
        return response


@lru_cache(maxsize=8)
def _described(root: str) -> OpenAPISchema:
    """The schema with the addresses below `root`, of which a project has one or a few."""
    return get_schema(api=api, path_prefix=root)


api = MonitoringAPI(
    title="Avatar monitoring",
    version="1",
    description="Metrics and alerts of the servers, current and stored, and answers to alerts. "
    "Times are ISO 8601; queries also accept now, -30m or -2h.",
    urls_namespace="avatar_monitoring:api",
    auth=[TokenAuth(), SignedInViewer(csrf=False)],
    docs_decorator=access.guarded,
    docs_url=None,
)


@api.exception_handler(Refused)
def refused(_request: HttpRequest, refusal: Refused) -> HttpResponse:
    return refusal.response()


@api.exception_handler(OperationalError)
def no_database(_request: HttpRequest, error: OperationalError) -> HttpResponse:
    logger.warning("The API cannot read the database: %s", error)
    return Refused(503, "database_away", "The database is unavailable").response()


@api.exception_handler(ValidationError)
def not_allowed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return parameters.refusal(request, error).response()


@api.exception_handler(HttpError)
def no_json(_request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja's own refusals: of a body that is no JSON."""
    return Refused(error.status_code, "bad_body", f"{error}: it must be JSON").response()


@api.get("/current", response={200: schemas.Current, REFUSALS: schemas.Problem}, tags=["live"])
async def current(request: HttpRequest) -> dict[str, Any]:
    """The current state of the fleet with the first hundred clients: the live page's frame of the next tick."""
    parameters.only_known(request)
    return await live.look(View())


@api.get("/clients", response={200: schemas.Clients, REFUSALS: schemas.Problem}, tags=["live"])
async def clients(request: HttpRequest, asked: Query[parameters.ClientsParams]) -> dict[str, Any]:
    """The clients that are connected now, sorted, searched and paged as on the live page."""
    verdict, state = asked.verdict or msgspec.UNSET, asked.state or msgspec.UNSET
    masked = asked.search and await sync_to_async(address_mask_of)(request) is not str
    view = View(asked.sort, asked.search, asked.offset, asked.limit, verdict, state, masked or msgspec.UNSET)
    frame = await live.look(view)
    seen = asked.offset + len(frame["clients"])
    more = frame["clients"] and seen < frame["clients_matched"]
    return frame | {"next": parameters.next_page(request, offset=seen) if more else None}


@api.get("/groups", response={200: schemas.LiveGroups, REFUSALS: schemas.Problem}, tags=["live"])
async def groups(request: HttpRequest) -> dict[str, Any]:
    """How the connected clients do by the path of their consumer and by their browser."""
    parameters.only_known(request)
    frame = await live.look(GroupedView(limit=1))
    return frame | (frame["groups"] or {"paths": [], "browsers": []})


@api.get("/series", response={200: schemas.Series, REFUSALS: schemas.Problem}, by_alias=True, tags=["stored"])
def series(request: HttpRequest, asked: Query[parameters.SeriesParams]) -> dict[str, Any]:  # noqa: ARG001
    """One metric over time: averages, extremes, percentiles, and how much of the time was measured."""
    return stored.series(asked)


@api.get("/breakdown", response={200: schemas.Breakdown, REFUSALS: schemas.Problem}, by_alias=True, tags=["stored"])
def breakdown(request: HttpRequest, asked: Query[parameters.BreakdownParams]) -> dict[str, Any]:  # noqa: ARG001
    """Counts over time: departures by cause, client-seconds by verdict, or received messages by size."""
    return stored.breakdown(asked)


@api.get("/alerts", response={200: alert_schemas.Alerts, REFUSALS: schemas.Problem}, tags=["stored"])
def alerts(request: HttpRequest, asked: Query[parameters.AlertsParams]) -> dict[str, Any]:
    """Alerts, newest first: all with any part in the range, as they are now."""
    within = stored.stretch(asked)
    found = stored.alerts(asked, within)
    older = _older(request, found.place, within) if found.more and found.place else None
    return {"alerts": found.rows, "next": older, "firing": found.firing, "not_stored": found.not_stored}


@api.get("/sessions", response={200: session_schemas.Sessions, REFUSALS: schemas.Problem}, tags=["stored"])
def sessions(request: HttpRequest, asked: Query[parameters.SessionsParams]) -> dict[str, Any]:
    """Client sessions, newest first: all with any part in the range."""
    within = stored.stretch(asked)
    rows, more = stored.sessions(asked, within)
    return {"sessions": rows, "next": _older(request, rows[-1].place, within) if more else None}


@api.get("/markers", response={200: marker_schemas.Markers, REFUSALS: schemas.Problem}, tags=["stored"])
def markers(request: HttpRequest, asked: Query[parameters.MarkersParams]) -> dict[str, Any]:
    """Markers of the range, newest first: deployments, clocks that were set, and nodes of other versions."""
    within = stored.stretch(asked)
    rows, more = stored.markers(asked, within)
    return {"markers": rows, "next": _older(request, rows[-1].place, within) if more else None}


@api.get("/nodes", response={200: marker_schemas.Nodes, REFUSALS: schemas.Problem}, tags=["stored"])
def nodes(request: HttpRequest, asked: Query[parameters.PageParams]) -> dict[str, Any]:
    """Starts of nodes that were heard in the range, newest first, with the versions of each."""
    within = stored.stretch(asked)
    rows, more = stored.page(Node.objects.seen_between(*within).newest_first(), asked)
    return {"nodes": rows, "next": _older(request, rows[-1].place, within) if more else None}


api.add_router("", history_of_clients)
api.add_router("", alerting)
api.add_router("", about_clients)


def _older(request: HttpRequest, last: tuple[datetime, int], within: stored.TimeRange) -> str:
    """Continues after a row, whatever has arrived or changed meanwhile, in the range as it was first understood."""
    ends = {"to": within.end} | ({"from": within.start} if "from" in request.GET else {})
    fixed = {name: moment.isoformat() for name, moment in ends.items()}
    return parameters.next_page(request, **fixed, after=str(parameters.PagePosition(*last)))
