"""The endpoint that says what one client did."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import Field

from monitoring.access import Refused
from monitoring.api import parameters as parameters
from monitoring.api import schemas as schemas
from monitoring.api import stored
from monitoring.api.alert_endpoints import REFUSALS
from monitoring.columns import timestamp
from monitoring.history.client_history import history_of
from monitoring.history.seconds import SecondsUnavailableError
from monitoring.models import ClientSession
from monitoring.shown_addresses import address_mask_of

LONGEST_HISTORY = timedelta(days=1)
"""The journal never holds more."""

history_of_clients = Router(tags=["stored"])
ClientId = Annotated[str, parameters.text_of(parameters.LONGEST_TEXT, shortest=1)]
Values = list[float | None]


class SessionOfClient(Schema):
    """One connection of the client."""

    node: str
    path: str
    remote: str
    user: str | None
    connected_at: datetime
    disconnected_at: datetime | None
    cause: str = Field("", description="Why it ended, one of the causes in docs/clients.md; empty while it is open.")
    ended: str

    @staticmethod
    def resolve_remote(session: ClientSession, context: dict[str, Any]) -> str:
        return address_mask_of(context["request"])(session.remote)


class ClientHistoryAnswer(Schema):
    """What one client did, as columns of equal length: a row for each step. Unknown values are null."""

    client_id: str
    start: datetime = Field(serialization_alias="from", description="From when on the journal was read.")
    end: datetime = Field(serialization_alias="to")
    complete: bool = Field(description="False if reading took too long: then only the newest part is here.")
    step_seconds: float = Field(description="Many steps are merged to steps of this length; 0 if they are not.")
    sessions: list[SessionOfClient] = Field(description="Its connections with any part in the range, oldest first.")
    times: list[datetime] = Field(description="The end of each step.")
    seconds: Values = Field(description="The length of each step; null after a gap.")
    session: list[int] = Field(description="Which of the sessions, from 0.")
    latency_ms: Values = Field(description="The last WebSocket round trip.")
    kernel_rtt_ms: Values = Field(description="TCP's round trip to the next hop.")
    handler_ms: Values = Field(description="How long the consumer took for a message.")
    fps: Values
    frame_time_ms: Values
    unsent_bytes: Values = Field(description="Bytes that waited for the client in this process.")
    messages_received_per_second: Values
    messages_sent_per_second: Values
    bytes_received_per_second: Values
    bytes_sent_per_second: Values
    verdict: list[str | None]


@history_of_clients.get(
    "/clients/{client_id}/history",
    response={200: ClientHistoryAnswer, REFUSALS: schemas.Problem},
    by_alias=True,
)
def client_history(
    request: HttpRequest,  # noqa: ARG001
    client_id: Path[ClientId],
    asked: Query[parameters.Range],
) -> dict[str, Any]:
    """What one client did: in steps of ten seconds, or of one while its page was open, over the last hour by default.

    It goes back as far as the journal holds single seconds (AVATAR_KEEP_SECONDS).
    """
    start, end = stored.stretch(asked, stored.SERIES_LENGTH)
    try:
        found = history_of(client_id, max(start, end - LONGEST_HISTORY), end)
    except SecondsUnavailableError as error:
        raise Refused(503, "journal_away", str(error)) from None
    return {
        **found.columns,
        "client_id": client_id,
        "start": found.start,
        "end": found.end,
        "complete": found.complete,
        "step_seconds": found.step,
        "sessions": found.sessions,
        "times": [timestamp(time) for time in found.columns["time"]],
    }
