"""Causes of leaving in words, for pages and for Django's admin."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy

from monitoring.core.causes import Cause

WORDS: Final = {
    Cause.CLIENT_CLOSED: gettext_lazy("Client closed"),
    Cause.CLIENT_LOST: gettext_lazy("Client lost"),
    Cause.NETWORK_CHANGED: gettext_lazy("Network changed"),
    Cause.SLOW_READER: gettext_lazy("Read too slowly"),
    Cause.REFUSED: gettext_lazy("Broke a limit"),
    Cause.NOT_ALLOWED: gettext_lazy("Not allowed"),
    Cause.APPLICATION_ERROR: gettext_lazy("Application error"),
    Cause.APPLICATION_CLOSED: gettext_lazy("Application closed"),
    Cause.DISCONNECTED: gettext_lazy("Disconnected by an operator"),
    Cause.SERVER_STOPPED: gettext_lazy("Server stopped"),
    Cause.SERVER_KILLED: gettext_lazy("Server killed"),
    Cause.PROXY_TIMEOUT: gettext_lazy("Proxy timeout"),
    Cause.REPLACED: gettext_lazy("Replaced"),
    Cause.UNKNOWN: gettext_lazy("Not known"),
}
