"""What the site adds to the pages of monitoring."""

from __future__ import annotations

from typing import Any

from django import template

from avatar_site import views

register = template.Library()


@register.simple_tag(takes_context=True)
def simulate_command(context: dict[str, Any]) -> str:
    """The command that connects simulated avatars to the address at which the reader has reached the site."""
    return views.simulate_command(context["request"])
