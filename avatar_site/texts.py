"""The texts of the avatar page's own scripts, beside those of the dashboard, which every page loads."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from dashboard.languages import YEAR_SECONDS, languages

LOCALE = Path(__file__).parent / "locale"


def avatar_texts_url(language: str) -> str | None:
    """Where the texts of a language are; it changes with them. None for English, and for one that has none."""
    found = _digest(language)
    return f"{reverse('avatar-texts', args=[language])}?{found}" if found else None


@require_safe
def avatar_texts(request: HttpRequest, language: str) -> HttpResponseBase:
    """The texts of a language, which a browser may keep: another release has another address."""
    if language not in languages() or not _digest(language):
        raise Http404
    with translation.override(language):
        response = JavaScriptCatalog.as_view(packages=["avatar_site"])(request)
    response["Content-Language"] = language
    response["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response


@cache
def _digest(language: str) -> str | None:
    texts = LOCALE / language / "LC_MESSAGES" / "djangojs.mo"
    return hashlib.blake2b(texts.read_bytes(), digest_size=6).hexdigest() if texts.is_file() else None
