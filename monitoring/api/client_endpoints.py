"""The endpoint through which programs disconnect clients."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import DatabaseError
from django.http import HttpRequest
from ninja import Router, Schema
from ninja.security import SessionAuth
from pydantic import Field

from monitoring import access, disconnecting
from monitoring.access import DISCONNECT_PERMISSION, Refused
from monitoring.api import bodies as bodies
from monitoring.api import parameters as parameters
from monitoring.api import schemas as schemas
from monitoring.api.alert_endpoints import REFUSALS, OperatorToken
from monitoring.api.bodies import JsonBody, text_of
from monitoring.disconnecting import LONGEST_NAME, Outcome
from monitoring.fleet.node_answers import MOST_CLIENTS, Target
from monitoring.models.disconnection import LONGEST_REASON

about_clients = Router(tags=["live"])


class MayDisconnect(SessionAuth):
    """The session of a signed-in person with the permission `avatar_monitoring.disconnect_client`, and the CSRF
    token."""

    def authenticate(self, request: HttpRequest, key: str | None) -> str:  # noqa: ARG002
        return access.admit_operator(request, DISCONNECT_PERMISSION)


class ClientToDisconnect(JsonBody):
    """Without a node it is meant wherever a client with this id is connected."""

    client_id: Annotated[str, text_of(LONGEST_NAME, shortest=1)]
    node: Annotated[str, text_of(LONGEST_NAME)] = ""


class ClientsToDisconnect(JsonBody):
    """Up to 100 clients, and why."""

    clients: Annotated[list[ClientToDisconnect], Field(min_length=1, max_length=MOST_CLIENTS)]
    reason: Annotated[str, text_of(LONGEST_REASON)] = ""


class DisconnectedClient(Schema):
    client_id: str
    node: str = Field(description="The node that had it; empty if none had, and none was given.")
    outcome: str = Field(description=f"One of {', '.join(Outcome)}.")


class DisconnectedClients(Schema):
    """In the order of the request."""

    outcomes: list[DisconnectedClient]


@about_clients.post(
    "/clients/disconnect",
    response={200: DisconnectedClients, REFUSALS: schemas.Problem},
    auth=[OperatorToken(), MayDisconnect(csrf=False)],
)
def disconnect(request: HttpRequest, given: ClientsToDisconnect) -> dict[str, Any]:
    """Closes the connections of these clients with 4411, on whichever node they are. It is recorded who did it."""
    parameters.only_known(request)
    targets = [Target(one.client_id, one.node) for one in given.clients]
    try:
        found = disconnecting.disconnect(targets, str(getattr(request, "auth", "")), given.reason)
    except DatabaseError:
        raise Refused(503, "not_recorded", "This cannot be recorded now, so nobody was disconnected") from None
    return {"outcomes": found}
