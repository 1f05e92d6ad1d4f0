"""Where people sign in: at LOGIN_URL if the project has such a page, else at its admin, else nowhere.

A project's URLs are known only while it serves, so nothing here is remembered.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from django.conf import global_settings, settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, ResolverMatch, get_script_prefix, resolve, reverse
from django.utils.translation import get_language

APP_NAME = "avatar_monitoring"
"""No page of ours is where people sign in: sending them there would go round in circles."""


def sign_in_url(request: HttpRequest) -> str | None:
    """The address of the page where people sign in and are then sent back; None if there is none."""
    url = sign_in_page()
    if url is None:
        return None
    host = urlsplit(url).netloc
    is_elsewhere = host != "" and host != request.get_host()
    here = request.build_absolute_uri() if is_elsewhere else request.get_full_path()
    return str(redirect_to_login(here, url).url)


def sign_in_page() -> str | None:
    """Where that page is; None if there is none."""
    return _login_url() or _admin_login()


def redirect_to_sign_in(request: HttpRequest) -> HttpResponseRedirect | None:
    """Sends a person to sign in and then back; None if there is no page for that."""
    url = sign_in_url(request)
    return None if url is None else HttpResponseRedirect(url)


def _login_url() -> str | None:
    try:
        # A lazy one is looked up only now.
        url = resolve_url(settings.LOGIN_URL) if settings.LOGIN_URL else ""
    except NoReverseMatch:
        return None
    parts = urlsplit(url)
    if parts.netloc:
        return url
    path = next(_served_as(unquote(parts.path)), None)
    return None if path is None else parts._replace(path=path).geturl()


def _served_as(path: str) -> Iterator[str]:
    """The path as the browser has to ask for it, if the project serves it and it is not one of our pages."""
    prefix = get_script_prefix()
    inside = path.removeprefix(prefix.rstrip("/")) if path.startswith(prefix) else f"/{path.lstrip('/')}"
    # As Django does for such addresses, with a redirect.
    slashes = ("", "/") if settings.APPEND_SLASH and not inside.endswith("/") else ("",)
    languages = ("", f"/{get_language()}") if settings.USE_I18N and get_language() else ("",)
    for candidate in (f"{language}{inside}{slash}" for language in languages for slash in slashes):
        match = _match(candidate)
        if match is not None and APP_NAME not in match.app_names and not _is_anything(candidate, match):
            yield prefix.rstrip("/") + candidate


def _is_anything(path: str, match: ResolverMatch) -> bool:
    """Whether LOGIN_URL has Django's default, which only a route for any address takes."""
    is_default = settings.LOGIN_URL == global_settings.LOGIN_URL
    other = _match(f"{path}avatar-monitoring/") if is_default else None
    return other is not None and other.route == match.route


def _match(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None


def _admin_login() -> str | None:
    try:
        return reverse("admin:login")
    except NoReverseMatch:
        return None
