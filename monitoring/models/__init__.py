"""What is kept: measured minutes, alerts, client sessions, and how far the journal was stored."""

from monitoring.models.alert import Alert
from monitoring.models.minute import Minute
from monitoring.models.node import Node
from monitoring.models.position import JournalCursor
from monitoring.models.session import ClientSession

__all__ = ["Alert", "ClientSession", "JournalCursor", "Minute", "Node"]
