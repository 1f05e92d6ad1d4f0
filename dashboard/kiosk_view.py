"""Where a screen on a wall starts: its token is exchanged for a cookie, and the pages are shown.

The token is in the address's fragment, `/kiosk/#TOKEN`, which browsers send nobody; a script posts it in a form's body.
So it is in no request line, no referrer and no access log.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.gates import bad_request
from dashboard.kiosk_mode import BadKioskError, KioskMode, parse_kiosk, release
from dashboard.rendering import render_page
from monitoring import conf
from monitoring.access import Refused, limiter, signed_in, why_not_watch
from monitoring.core.inputs import UNSTORABLE
from monitoring.kiosk_screens import ExchangeError, exchange, screen_of
from monitoring.origins import is_allowed

LONGEST_TOKEN = 200


@login_not_required
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("token")
def kiosk(request: HttpRequest) -> HttpResponseBase:
    """GET is the page that a screen opens; POST exchanges the field `token` and goes on to the first page, with 303.

    A form of a token's holder needs no CSRF token: it gives the sender's own browser what the token allows. Another
    site's page may not send it.
    """
    try:
        mode = parse_kiosk(request.GET)
    except BadKioskError as error:
        return bad_request(request, str(error), request.path)
    response = _exchanged(request, mode) if request.method == "POST" else _page(request, mode)
    # With "no-referrer", browsers would not name the origin of the form either.
    response["Referrer-Policy"] = "same-origin"
    return response


@login_not_required
@never_cache
@require_safe
def kiosk_state(request: HttpRequest) -> JsonResponse:
    """What an open screen asks for: it loads its page again if the release has changed.

    401 or 403 if it may not watch.
    """
    user = signed_in(request)
    if reason := why_not_watch(request, user):
        return JsonResponse({"error": reason}, status=401 if user is None else 403)
    return JsonResponse({"release": release()})


@sensitive_variables("token")
def _exchanged(request: HttpRequest, mode: KioskMode) -> HttpResponse:
    token = request.POST.get("token", "").strip()
    if not _is_own_form(request):
        return _page(request, mode, gettext_noop("A page of another site sent this token, so it was not taken."), 403)
    try:
        limiter.check(f"kiosk {request.META.get('REMOTE_ADDR', '')}")
    except Refused as refused:
        return _page(request, mode, str(refused.body["message"]), refused.status)
    if not 0 < len(token) <= LONGEST_TOKEN or UNSTORABLE.search(token):
        return _page(request, mode, gettext_noop("Paste the token, which is what follows # in the address."), 400)
    try:
        cookie = exchange(token)
    except ExchangeError as error:
        # A screen that starts again opens the same address as on its first day.
        return _forward(mode) if screen_of(request.COOKIES) else _page(request, mode, str(error), 403)
    response = _forward(mode)
    cookie.set_on(response, reverse("avatar_monitoring:live"), secure=request.is_secure())
    return response


def _forward(mode: KioskMode) -> HttpResponse:
    response = HttpResponseRedirect(mode.first)
    response.status_code = 303
    return response


def _page(request: HttpRequest, mode: KioskMode, problem: str = "", status: int = 200) -> HttpResponse:
    is_known = not problem and screen_of(request.COOKIES) is not None
    context = {"problem": problem, "first_url": mode.first, "is_known": is_known}
    return render_page(request, "avatar_monitoring/kiosk.html", context, status=status)


def _is_own_form(request: HttpRequest) -> bool:
    """Browsers name the page's origin with each POST; programs send none."""
    origin = request.headers.get("Origin")
    return origin is None or is_allowed(origin, request.get_host(), conf.current().allowed_origins)
