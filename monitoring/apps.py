from __future__ import annotations

import re
from collections.abc import Collection
from importlib.metadata import version
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from monitoring.models import Alert

OLDEST = {"Django": "5.2", "channels": "4.2"}


def refuse_older_releases() -> None:
    """Raises ImproperlyConfigured before models are defined, which fail with what an older Django does not know."""
    for package, oldest in OLDEST.items():
        found = version(package)
        if _numbers(found) < _numbers(oldest):
            raise ImproperlyConfigured(f"avatar-monitoring needs {package} {oldest} or newer, and this is {found}")


def _numbers(release: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", release)]


class MonitoringConfig(AppConfig):
    name = "monitoring"
    label = "avatar_monitoring"
    verbose_name = _("Avatar monitoring")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from monitoring import checks  # noqa: F401  (registers the system checks)
        from monitoring.alerting.connected import connected

        connected.refresh, connected.ask_to_send = _refresh, _ask_to_send
        for signal in (post_save, post_delete):
            signal.connect(_publish, sender="avatar_monitoring.AlertRule")


# What these need is imported when somebody needs it: most processes never do.


def _publish(**_: object) -> None:
    from monitoring.alerting import live_state

    live_state.publish_on_commit()


def _refresh(alerts: Collection[Alert]) -> None:
    from monitoring.history import alerts_now

    alerts_now.refresh(alerts)


def _ask_to_send() -> None:
    from monitoring import delivery_request

    delivery_request.requests.ask()


refuse_older_releases()
