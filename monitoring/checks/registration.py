"""How the checks are registered: none runs while monitoring is off, and none can stop a command of the project."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.core.checks import WARNING, CheckMessage, Info, register
from django.core.exceptions import ImproperlyConfigured

from monitoring import conf
from monitoring.check_infos import infos_are_told
from monitoring.conf import MonitoringSettings

Check = Callable[[MonitoringSettings], Iterator[CheckMessage]]


def while_on(check: Check) -> Callable[..., list[CheckMessage]]:
    """Registers a check that is given the settings; if they are bad, `as_configured` says so."""

    def run(**_: object) -> list[CheckMessage]:
        try:
            settings = conf.current()
        except ImproperlyConfigured:
            return []
        try:
            found = list(check(settings)) if settings.enabled else []
            return found if infos_are_told.get() else [one for one in found if one.level >= WARNING]
        except Exception as error:
            # Settings of the project may have any form, and its own modules may raise anything.
            said = f"{type(error).__name__}: {error}"
            return [Info(f"{check.__name__} could not look at this project ({said})", id="avatar_monitoring.I001")]

    run.__name__ = check.__name__
    return register(run)
