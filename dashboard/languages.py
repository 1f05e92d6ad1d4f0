"""The languages of the pages: English, and each that has a folder in the app's `locale`.

Pages follow the language that is active in the project. Its scripts get their texts from Django's JavaScript catalogue.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar

from django.apps import apps
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.translation import to_language, to_locale
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from monitoring import conf

T = TypeVar("T")
P = ParamSpec("P")
ENGLISH = "en"
LOCALE = Path(conf.__file__).parent / "locale"
LABEL = "avatar_monitoring"
YEAR_SECONDS = 365 * 86_400


@cache
def languages() -> tuple[str, ...]:
    """Django's codes: "pt-br" is in the folder `pt_BR`."""
    folders = (to_language(folder.name) for folder in LOCALE.iterdir())
    return (ENGLISH, *sorted(language for language in folders if scripts_texts(LOCALE, language).is_file()))


def page_language() -> str:
    """The active language if the pages have it, or the one that it is a variant of, else English."""
    active = (translation.get_language() or "").lower() if settings.USE_I18N else ""
    return next((one for one in (active, active.partition("-")[0]) if one in languages()), ENGLISH)


project_language: ContextVar[str | None] = ContextVar("project_language")
"""The language that the project has activated, while a page's own is."""


@contextmanager
def in_page_language() -> Iterator[None]:
    """For what pages say."""
    token = project_language.set(project_language.get(translation.get_language()))
    try:
        with translation.override(page_language()):
            yield
    finally:
        project_language.reset(token)


def project_address(name: str, *arguments: object) -> str:
    """The address of a URL pattern. It may begin with the project's language, also while a page is in another one."""
    with in_project_language():
        return reverse(name, args=arguments)


def in_project_language() -> AbstractContextManager[None]:
    return translation.override(project_language.get(translation.get_language()))


def gettext(message: str) -> str:
    """As Django's, in the language of the pages, whatever other language is active in the project."""
    with in_page_language():
        return translation.gettext(message)


def in_words(say: Callable[P, T], *facts: P.args, **named: P.kwargs) -> T:
    """What a function outside of the pages says, in their language."""
    with in_page_language():
        return say(*facts, **named)


def pgettext(context: str, message: str) -> str:
    with in_page_language():
        return translation.pgettext(context, message)


def ngettext(singular: str, plural: str, number: int) -> str:
    with in_page_language():
        return translation.ngettext(singular, plural, number)


def texts_url(language: str) -> str | None:
    """Where the scripts' texts of a language are; it changes with them. None for English."""
    if language == ENGLISH:
        return None
    return f"{reverse('avatar_monitoring:texts', args=[language])}?{digest_of(scripts_texts(LOCALE, language))}"


@login_not_required
@require_safe
def texts(request: HttpRequest, language: str) -> HttpResponseBase:
    """The scripts' texts of a language, which a browser may keep: another release has another address."""
    if language not in languages() or language == ENGLISH:
        raise Http404
    return catalogue(request, language, apps.get_app_config(LABEL).name)


def catalogue(request: HttpRequest, language: str, package: str) -> HttpResponseBase:
    """The scripts' texts of a package, at an address that changes with them."""
    with translation.override(language):
        response = JavaScriptCatalog.as_view(packages=[package])(request)
    response["Content-Language"] = language
    response["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response


def scripts_texts(locale: Path, language: str) -> Path:
    return locale / to_locale(language) / "LC_MESSAGES" / "djangojs.mo"


@cache
def digest_of(texts: Path) -> str | None:
    return hashlib.blake2b(texts.read_bytes(), digest_size=6).hexdigest() if texts.is_file() else None
