"""What the viewers' WebSocket says to an HTTP request: whether `monitored` is there to serve it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from monitoring.servers.viewers_socket import passed_through

SAYS = {
    True: "This is the address of a WebSocket, which `monitored` serves.",
    False: "This is the address of a WebSocket, but the ASGI application is not wrapped in `monitored`.",
    None: "This is the address of a WebSocket, but a WSGI server serves this request.",
}


@login_not_required
@never_cache
def socket(request: HttpRequest) -> JsonResponse:
    """`monitored` is true or false, or null under a WSGI server, which cannot serve WebSockets."""
    monitored = passed_through(request)
    # Only HTTP/1.1 has this header; other servers would refuse to send it.
    is_upgradable = getattr(request, "scope", {}).get("http_version") == "1.1"
    return JsonResponse(
        {"detail": SAYS[monitored], "monitored": monitored},
        status=426,
        headers={"Upgrade": "websocket"} if is_upgradable else None,
    )
