"""What the site adds to the pages of monitoring."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.utils import translation

from avatar_site import views

register = template.Library()


@register.simple_tag(takes_context=True)
def simulate_command(context: dict[str, Any]) -> str:
    """The command that connects simulated avatars to the address at which the reader has reached the site."""
    return views.simulate_command(context["request"])


@register.simple_tag
def languages() -> list[dict[str, Any]]:
    """The site's languages under their own names, and which of them the page is in."""
    chosen = translation.get_language()
    return [{"code": code, "name": name, "is_chosen": code == chosen} for code, name in settings.LANGUAGES]
