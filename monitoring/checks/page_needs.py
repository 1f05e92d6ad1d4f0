"""Checks of what the pages need: a place among the URLs, sign-in and static files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Info, Warning  # noqa: A004  (Django's name)
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from monitoring.checks.registration import while_on
from monitoring.conf import MonitoringSettings
from monitoring.sign_in_page import sign_in_page

APPS = ("django.contrib.auth", "django.contrib.contenttypes", "django.contrib.staticfiles")
MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)
OWN_FILE = "avatar_monitoring/live/live.js"
UPLOT = "avatar_monitoring/vendor/uplot/uPlot.esm.js"


@while_on
def check_urls(_settings: MonitoringSettings) -> Iterator[CheckMessage]:
    if not _has_url("avatar_monitoring:live"):
        yield Info(
            "ROOT_URLCONF does not include the pages",
            hint='path("monitoring/", include("avatar_monitoring.urls"))',
            id="avatar_monitoring.I006",
        )


@while_on
def check_sign_in(_settings: MonitoringSettings) -> Iterator[CheckMessage]:
    if not _has_url("avatar_monitoring:live"):
        return
    missing = [
        *(f"{app} in INSTALLED_APPS" for app in APPS if not apps.is_installed(app)),
        *(f"{one} in MIDDLEWARE" for one in MIDDLEWARE if not _has_middleware(one)),
    ]
    if missing:
        yield Warning("The pages need " + ", ".join(missing), id="avatar_monitoring.W009")
    if sign_in_page() is None:
        yield Warning(
            f"Nobody can sign in to see the pages: nothing is at LOGIN_URL ({django_settings.LOGIN_URL}), and the "
            "admin is not included either",
            id="avatar_monitoring.W010",
        )


@while_on
def check_static_files(_settings: MonitoringSettings) -> Iterator[CheckMessage]:
    if not _has_url("avatar_monitoring:live") or not apps.is_installed("django.contrib.staticfiles"):
        return
    for file in (OWN_FILE, UPLOT):
        if not django_settings.DEBUG and (is_collected := _is_collected(file)) is not None:
            if not is_collected:
                yield Warning(
                    f"The pages need the static file {file}, which is not among those in STATIC_ROOT",
                    hint="manage.py collectstatic",
                    id="avatar_monitoring.W011",
                )
        elif not _is_found(file):
            yield Warning(f"The pages need the static file {file}, which is nowhere", id="avatar_monitoring.W012")


def _is_found(file: str) -> bool:
    from django.contrib.staticfiles import finders

    return finders.find(file) is not None


def _is_collected(file: str) -> bool | None:
    """None if nothing was collected on this machine, as for files that are served from elsewhere."""
    root = django_settings.STATIC_ROOT
    if not root or not Path(root).is_dir():
        return None
    manifest = Path(root) / "staticfiles.json"
    if manifest.is_file():
        return file in json.loads(manifest.read_text()).get("paths", {})
    return (Path(root) / file).is_file()


def _has_url(name: str) -> bool:
    if not getattr(django_settings, "ROOT_URLCONF", None):
        return False
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def _has_middleware(wanted: str) -> bool:
    """Also as the base of one of the project's own, which are imported only if it is not there itself."""
    if wanted in django_settings.MIDDLEWARE:
        return True
    base = import_string(wanted)
    found = (import_string(one) for one in django_settings.MIDDLEWARE)
    return any(isinstance(one, type) and issubclass(one, base) for one in found)
