"""The texts of the avatar page's own scripts, beside those of the dashboard, which every page loads."""

from __future__ import annotations

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.languages import catalogue, digest_of, languages, scripts_texts

LOCALE = Path(__file__).parent / "locale"


def avatar_texts_url(language: str) -> str | None:
    """Where the texts of a language are; it changes with them. None for English, and for one that has none."""
    found = digest_of(scripts_texts(LOCALE, language))
    return f"{reverse('avatar-texts', args=[language])}?{found}" if found else None


@require_safe
def avatar_texts(request: HttpRequest, language: str) -> HttpResponseBase:
    """The texts of a language, which a browser may keep: another release has another address."""
    if language not in languages() or not digest_of(scripts_texts(LOCALE, language)):
        raise Http404
    return catalogue(request, language, "avatar_site")
