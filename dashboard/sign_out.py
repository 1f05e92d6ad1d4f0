"""Signing out of the pages, whatever the project's own page for that is called, or whether it has one."""

from __future__ import annotations

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from dashboard.rendering import render_page


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@csrf_protect
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """A POST signs out, and goes on to the field `next`, which asks the next person to sign in; else it says so."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("avatar_monitoring:live"))
    if hasattr(request, "session"):
        logout(request)
    following = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=request.is_secure()):
        return HttpResponseRedirect(following)
    return said(request)


def said(request: HttpRequest) -> HttpResponse:
    return render_page(request, "avatar_monitoring/signed_out.html", {})
