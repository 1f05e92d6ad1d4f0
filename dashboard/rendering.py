"""Renders pages the same way in every project, whatever that project's own templates are set up for.

The pages have an engine of their own: a project's context processors, built-in tags, `string_if_invalid` and other
engines neither reach them nor are needed. A project changes a template by having one of the same name, as usual.
Numbers are written as they are, because scripts read them too, and times are in UTC, which is what the pages say.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext
from django.template.backends.django import DjangoTemplates
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control

from dashboard.assets import MissingAssetError
from dashboard.attention import attention
from dashboard.kiosk_mode import kiosk_context
from dashboard.languages import in_page_language, page_language, texts_url
from monitoring.access import signed_in, why_not_watch
from monitoring.sign_in_page import sign_in_url

LOADERS = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
DJANGO = "django.template.backends.django.DjangoTemplates"


def render_page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A whole page, or if its scripts and styles are not collected, one that says so."""
    try:
        response = HttpResponse(_rendered(request, template, page_context(request) | context), status=status)
    except MissingAssetError as error:
        missing = _rendered(
            request, "avatar_monitoring/assets_missing.html", {"error": error, "language": page_language()}
        )
        response = HttpResponse(missing, status=503)
    response["Content-Language"] = page_language()
    # One person's page; a project's cache for whole pages must not show it to another.
    patch_cache_control(response, private=True)
    return response


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What the top of every page shows."""
    user = signed_in(request)
    may_watch = why_not_watch(request, user) is None
    language = page_language()
    return {
        "language": language,
        "texts_url": texts_url(language),
        "user": user,
        "kiosk": kiosk_context(request),
        "may_watch": may_watch,
        "attention": attention(timezone.now()) if may_watch else None,
        "may_sign_out": user is not None and SESSION_KEY in getattr(request, "session", ()),
        "static_url": settings.STATIC_URL,
        "sign_in_url": sign_in_url(request),
        "admin_url": _admin_url() if getattr(user, "is_staff", False) else None,
    }


def _admin_url() -> str | None:
    """The admin's list of what is stored; if another of the project's admins is served, that one's index."""
    pages: tuple[tuple[str, list[str]], ...] = (("admin:app_list", ["avatar_monitoring"]), ("admin:index", []))
    for name, arguments in pages:
        try:
            return reverse(name, args=arguments)
        except NoReverseMatch:
            continue
    return None


def _rendered(request: HttpRequest, template: str, context: dict[str, Any]) -> str:
    with timezone.override("UTC"), in_page_language():
        found = _engine(_directories(), tuple(settings.INSTALLED_APPS), settings.DEBUG).get_template(template)
        return found.template.render(RequestContext(request, context, use_l10n=False))


def _directories() -> tuple[Any, ...]:
    """Where the project keeps templates that belong to no app."""
    engines: list[dict[str, Any]] = [one for one in settings.TEMPLATES if one["BACKEND"] == DJANGO]
    return tuple(directory for one in engines for directory in one.get("DIRS", ()))


@lru_cache(maxsize=4)
def _engine(directories: tuple[Any, ...], _apps: tuple[str, ...], debug: bool) -> DjangoTemplates:
    # A developer's changes to a template show at once; elsewhere each is read only once.
    loaders = LOADERS if debug else [("django.template.loaders.cached.Loader", LOADERS)]
    options = {
        "loaders": loaders,
        "debug": debug,
        "context_processors": ["django.template.context_processors.request"],
        "builtins": ["django.templatetags.i18n", "dashboard.templatetags.project_urls"],
    }
    return DjangoTemplates({"NAME": "avatar_monitoring", "DIRS": directories, "APP_DIRS": False, "OPTIONS": options})
