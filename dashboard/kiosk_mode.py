"""How a page looks on a screen on a wall: `?kiosk=1`, and with `rotate=30&pages=live,alerts` page after page."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from dashboard.assets import MissingAssetError, asset
from monitoring import conf, environment
from monitoring.command_lines import folder
from monitoring.core.inputs import echo, whole_number
from monitoring.core.versions import read_versions

PAGES = ("live", "clients", "sessions", "alerts", "trends")
ZONES = ("local", "utc")
LEAST_SECONDS, MOST_SECONDS, SECONDS = 5, 3_600, 30
ON = "1"


class BadKioskError(ValueError):
    """A screen's address that means nothing; the text names the parameter, its value and what is allowed."""


@dataclass(frozen=True, slots=True)
class KioskMode:
    """`rotate` is in seconds, None for a screen that stays on its page; `zone` is empty for the browser's choice."""

    rotate: int | None = None
    pages: tuple[str, ...] = ()
    zone: str = ""

    @property
    def query(self) -> dict[str, str]:
        shown = {"kiosk": ON, "zone": self.zone}
        if self.rotate is not None:
            shown |= {"rotate": str(self.rotate), "pages": ",".join(self.pages)}
        return {name: value for name, value in shown.items() if value}

    def address(self, page: str) -> str:
        return f"{reverse(f'avatar_monitoring:{page}')}?{urlencode(self.query, safe=',')}"

    @property
    def first(self) -> str:
        """Where a screen starts."""
        return self.address(self.pages[0] if self.pages else PAGES[0])

    def after(self, page: str) -> str | None:
        """The address of the page that follows; None for a screen that stays."""
        if self.rotate is None or self.pages == (page,):
            return None
        following = self.pages.index(page) + 1 if page in self.pages else 0
        return self.address(self.pages[following % len(self.pages)])


def parse_kiosk(query: Mapping[str, str]) -> KioskMode:
    """Raises BadKioskError."""
    rotate, pages, zone = query.get("rotate", ""), query.get("pages", ""), query.get("zone", "")
    names = tuple(name.strip() for name in pages.split(",")) if pages else ()
    for name in names:
        if name not in PAGES:
            raise BadKioskError(f"pages={echo(pages)}: must be some of {', '.join(PAGES)}, with commas between them")
    if len(names) != len({*names}):
        raise BadKioskError(f"pages={echo(pages)}: must have each page once")
    if zone and zone not in ZONES:
        raise BadKioskError(f"zone={echo(zone)}: must be one of {', '.join(ZONES)}")
    if not rotate and not pages:
        return KioskMode(zone=zone)
    try:
        seconds = whole_number(rotate, LEAST_SECONDS, MOST_SECONDS) if rotate else SECONDS
    except ValueError:
        allowed = f"a whole number of seconds, {LEAST_SECONDS} to {MOST_SECONDS}"
        raise BadKioskError(f"rotate={echo(rotate)}: must be {allowed}") from None
    return KioskMode(seconds, names or ("live", "alerts", "trends"), zone)


def kiosk_mode(request: HttpRequest) -> KioskMode | None:
    """How the request's page is to look; None for a page at a desk. Raises BadKioskError."""
    value = request.GET.get("kiosk", "")
    if value in ("", "0"):
        return None
    if value != ON:
        raise BadKioskError(f"kiosk={echo(value)}: must be 1")
    return parse_kiosk(request.GET)


def shown_mode(request: HttpRequest) -> KioskMode | None:
    """The same, for a page that says what is wrong with its address."""
    try:
        return kiosk_mode(request)
    except BadKioskError:
        return KioskMode()


def kiosk_context(request: HttpRequest) -> dict[str, Any] | None:
    """What the scripts of a screen need; None for a page at a desk."""
    mode = shown_mode(request)
    if mode is None:
        return None
    match = request.resolver_match
    leave = request.GET.copy()
    for name in ("kiosk", "rotate", "pages", "zone"):
        leave.pop(name, None)
    return {
        "state_url": reverse("avatar_monitoring:kiosk-state"),
        "release": release(),
        "rotate": mode.rotate,
        "next_url": mode.after(match.url_name or "" if match else ""),
        "zone": mode.zone,
        "leave_url": f"{request.path}?{leave.urlencode()}".removesuffix("?"),
    }


@cache
def release() -> str:
    """Changes with the versions of what serves the pages, and with the script that all of them have."""
    try:
        scripts = asset("avatar_monitoring/lib/page.js")
    except MissingAssetError:
        scripts = ""
    named = conf.current().release, environment.hosted_release()
    known = [*sorted(read_versions(folder(), *named).items()), scripts]
    return hashlib.blake2b(repr(known).encode(), digest_size=6).hexdigest()
