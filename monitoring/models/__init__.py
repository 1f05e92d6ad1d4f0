"""The stored records: minutes, alerts, client sessions, markers, and how far the journal was stored."""

from monitoring.models.alert import Alert
from monitoring.models.day import Day
from monitoring.models.horizon import Horizon
from monitoring.models.hour import Hour
from monitoring.models.marker import Marker
from monitoring.models.minute import Minute
from monitoring.models.node import Node
from monitoring.models.pending import Pending
from monitoring.models.position import JournalCursor
from monitoring.models.session import ClientSession
from monitoring.models.site import Site
from monitoring.models.track import MinuteTrack

__all__ = [
    "Alert",
    "ClientSession",
    "Day",
    "Horizon",
    "Hour",
    "JournalCursor",
    "Marker",
    "Minute",
    "MinuteTrack",
    "Node",
    "Pending",
    "Site",
]
