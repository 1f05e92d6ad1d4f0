"""The icon in the browser's tab, with how many alerts wait. It says nothing but the number that it was asked for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

MOST = 9
A_YEAR = 31_536_000
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2b5fd9"/>'
    '<path d="M5 17h4l3.5-9 5.5 17 3.6-11 1.6 3H27" fill="none" stroke="#fff" stroke-width="2.6" '
    'stroke-linecap="round" stroke-linejoin="round"/><circle cx="21.5" cy="21.5" r="10.5" fill="#c02b2b"/>'
    '<text x="21.5" y="26.5" font-family="sans-serif" font-size="{size}" font-weight="700" text-anchor="middle" '
    'fill="#fff">{text}</text></svg>'
)


@login_not_required
@require_safe
def counting_icon(request: HttpRequest) -> HttpResponse:
    """With the number in the parameter `count`, from 10 on "9+"."""
    count = request.GET.get("count", "")
    number = int(count) if count.isascii() and count.isdigit() and len(count) <= 6 else 0
    text, size = (str(number), 15) if number <= MOST else (f"{MOST}+", 12)
    icon = ICON.format(text=text, size=size)
    return HttpResponse(icon, content_type="image/svg+xml", headers={"Cache-Control": f"public, max-age={A_YEAR}"})
