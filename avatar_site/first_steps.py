"""What an empty live page offers: the avatar page, and the command that connects simulated avatars to this site."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from avatar_site.views import WEBSOCKET_PATH
from monitoring.command_lines import manage

SIMULATED = 25


def first_steps(request: HttpRequest) -> dict[str, Any]:
    """For templates: `avatar_url`, and `simulate_command` with the address at which the reader reached the site."""
    return {"avatar_url": reverse("avatar"), "simulate_command": SimpleLazyObject(lambda: simulate_command(request))}


def simulate_command(request: HttpRequest) -> str:
    scheme = "wss" if request.is_secure() else "ws"
    return manage(
        "simulate_avatars", "--count", str(SIMULATED), "--url", f"{scheme}://{request.get_host()}{WEBSOCKET_PATH}"
    )
