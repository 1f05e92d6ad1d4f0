"""What is stored, in Django's admin, which imports this package by its name."""

from django.contrib.admin import AdminSite

from monitoring.admin.channel_admin import AlertChannelAdmin
from monitoring.admin.event_lists import AlertAdmin, ClientSessionAdmin, DisconnectionAdmin, MarkerAdmin
from monitoring.admin.kiosk_admin import KioskTokenAdmin
from monitoring.admin.notice_log import NoticeAdmin
from monitoring.admin.rule_admin import AlertRuleAdmin
from monitoring.admin.silence_admin import SilenceAdmin
from monitoring.admin.tier_lists import DayAdmin, HourAdmin, MinuteAdmin
from monitoring.models import (
    Alert,
    AlertChannel,
    AlertRule,
    ClientSession,
    Day,
    Disconnection,
    Hour,
    KioskToken,
    Marker,
    Minute,
    Notice,
    Silence,
)

__all__ = ["register"]


def register(site: AdminSite) -> None:
    """Adds the lists to an admin of the project's own; Django's default one has them already."""
    site.register(Alert, AlertAdmin)
    site.register(AlertChannel, AlertChannelAdmin)
    site.register(AlertRule, AlertRuleAdmin)
    site.register(ClientSession, ClientSessionAdmin)
    site.register(Disconnection, DisconnectionAdmin)
    site.register(KioskToken, KioskTokenAdmin)
    site.register(Marker, MarkerAdmin)
    site.register(Silence, SilenceAdmin)
    site.register(Minute, MinuteAdmin)
    site.register(Notice, NoticeAdmin)
    site.register(Hour, HourAdmin)
    site.register(Day, DayAdmin)
