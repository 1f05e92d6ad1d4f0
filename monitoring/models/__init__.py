"""The stored records: minutes, alerts, client sessions, markers, and how far the journal was stored."""

from monitoring.models.alert import Alert
from monitoring.models.marker import Marker
from monitoring.models.minute_track import MinuteTrack
from monitoring.models.node import Node, Site
from monitoring.models.progress import JournalCursor, Pending, PruneWatermark
from monitoring.models.session import ClientSession
from monitoring.models.tiers import Day, Hour, Minute

__all__ = [
    "Alert",
    "ClientSession",
    "Day",
    "Hour",
    "JournalCursor",
    "Marker",
    "Minute",
    "MinuteTrack",
    "Node",
    "Pending",
    "PruneWatermark",
    "Site",
]
