"""The stored records: minutes, alerts with rules, answers and notices, client sessions, markers, and how far the
journal was stored."""

from monitoring.models.alert import Alert
from monitoring.models.alert_answer import AlertEntry, Silence
from monitoring.models.alert_rule import AlertRule
from monitoring.models.column_names import name_rows
from monitoring.models.disconnection import Disconnection
from monitoring.models.fleet_watch import FleetWatch
from monitoring.models.marker import Marker
from monitoring.models.minute_track import MinuteTrack
from monitoring.models.node import Node, Site
from monitoring.models.notice import AlertChannel, Notice, NoticeAlert
from monitoring.models.own_gauge import OwnGauge
from monitoring.models.progress import JournalCursor, Pending, PruneWatermark
from monitoring.models.screen_token import KioskToken
from monitoring.models.session import ClientSession
from monitoring.models.tiers import Day, Hour, Minute

name_rows(
    (
        Alert, AlertChannel, AlertEntry, AlertRule, ClientSession, Day, Disconnection, FleetWatch, Hour, JournalCursor,
        KioskToken,
        Marker, Minute, MinuteTrack, Node, Notice, NoticeAlert, OwnGauge, Pending, PruneWatermark, Silence, Site,
    )
)  # fmt: skip

__all__ = [
    "Alert",
    "AlertChannel",
    "AlertEntry",
    "AlertRule",
    "ClientSession",
    "Day",
    "Disconnection",
    "FleetWatch",
    "Hour",
    "JournalCursor",
    "KioskToken",
    "Marker",
    "Minute",
    "MinuteTrack",
    "Node",
    "Notice",
    "NoticeAlert",
    "OwnGauge",
    "Pending",
    "PruneWatermark",
    "Silence",
    "Site",
]
