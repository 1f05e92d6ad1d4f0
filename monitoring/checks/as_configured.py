"""Checks of what a project sets for monitoring itself, and of what that needs."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Info, Warning, register  # noqa: A004  (Django's name)
from django.core.exceptions import ImproperlyConfigured

from monitoring import conf, environment
from monitoring.alerting.channels.apprise_url import problem_of
from monitoring.checks import releases
from monitoring.checks.registration import while_on
from monitoring.conf import MonitoringSettings
from monitoring.core import probe
from monitoring.extras import EXTRAS, missing

OTLP_PACKAGES = EXTRAS["opentelemetry"][0].split()


@register
def check_settings(**_: object) -> list[CheckMessage]:
    try:
        bad = conf.problems(conf.values(), conf.place)
        if not bad:
            conf.current()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="avatar_monitoring.E001")]
    return [
        *(Error(line, id="avatar_monitoring.E001") for line in bad),
        *(Warning(line, id="avatar_monitoring.W001") for line in _unknown_names()),
    ]


def _unknown_names() -> list[str]:
    mapping = conf.mapping()
    misspelt = environment.misspelt(conf.VARIABLES)
    return conf.unknown_names(mapping, conf.VARIABLES) + [
        f"{name} is not a known variable; did you mean {meant}? (environment variable)"
        for name, meant in misspelt.items()
        if name not in mapping
    ]


@while_on
def check_spill_directory(settings: MonitoringSettings) -> Iterator[CheckMessage]:
    if settings.spill_directory is None and "AVATAR_SPILL_DIR" in environment.variables():
        yield Warning(
            "AVATAR_SPILL_DIR is set in the environment, but is a Django setting only: it has no effect",
            hint='In the settings: AVATAR_SPILL_DIR = environ["AVATAR_SPILL_DIR"]',
            id="avatar_monitoring.W002",
        )


@while_on
def check_psutil(_settings: MonitoringSettings) -> Iterator[CheckMessage]:
    if not probe.PSUTIL_AVAILABLE:
        yield Info(
            "psutil is not installed: CPU, memory and network are not measured",
            hint=missing("psutil").partition(": ")[2],
            id="avatar_monitoring.I002",
        )


@while_on
def check_otlp(settings: MonitoringSettings) -> Iterator[CheckMessage]:
    absent = [package for package in OTLP_PACKAGES if not releases.installed(package)]
    if settings.otlp_endpoint and absent:
        yield Error(
            f"AVATAR_OTLP_ENDPOINT is set, but {' and '.join(absent)} is not installed",
            hint=f"pip install {' '.join(OTLP_PACKAGES)}",
            id="avatar_monitoring.E002",
        )


@while_on
def check_alert_urls(settings: MonitoringSettings) -> Iterator[CheckMessage]:
    """Each URL by its number and scheme: everything else in it may be secret."""
    for number, url in enumerate(settings.alert_urls, 1):
        if problem := problem_of(url):
            yield Error(
                f"AVATAR_ALERT_URLS: URL number {number}: {problem}",
                hint="https://appriseit.com/services/ says what the URL of each service is made of",
                id="avatar_monitoring.E003",
            )


@while_on
def check_time_zones(settings: MonitoringSettings) -> Iterator[CheckMessage]:
    if settings.redis_url and not django_settings.USE_TZ:
        yield Warning(
            "USE_TZ is False: history cannot be stored, because its times are in UTC",
            hint="USE_TZ = True",
            id="avatar_monitoring.W003",
        )
