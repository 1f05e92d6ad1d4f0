"""Another project: the page and the consumer of docs/client-library.md, with `monitored` and without a database.

`/known/` says what the server knows of its clients.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import path

from tests.site import ROOT

DOCS = (ROOT / "docs" / "client-library.md").read_text()
PAGE, CONSUMER = (re.search(rf"```{kind}\n(.*?)```", DOCS, re.DOTALL)[1] for kind in ("html", "python"))  # type: ignore[index]

if not settings.configured:
    settings.configure(
        SECRET_KEY="only for a test",
        ALLOWED_HOSTS=["127.0.0.1"],
        DEBUG=True,
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.staticfiles",
            "monitoring",
            "dashboard",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        STATIC_URL="static/",
        USE_TZ=True,
    )


def page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(PAGE).render())


def known(_request: HttpRequest) -> JsonResponse:
    monitor = current_monitor()
    assert monitor is not None
    return JsonResponse({client_id: told(client) for client_id, client in monitor.collector.client_metrics.items()})


def told(client: Any) -> dict[str, Any]:
    names = ("fps", "frame_time_ms", "hidden", "user_agent", "message_count")
    page = None if client.page is None else {name: getattr(client.page, name) for name in client.page.__struct_fields__}
    return {"page": page, **{name: getattr(client, name) for name in names}}


urlpatterns = [path("", page), path("known/", known)]
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler  # noqa: E402

from monitoring import current_monitor, monitored  # noqa: E402

consumers: dict[str, Any] = {}
exec(CONSUMER.replace("avatar_monitoring import", "monitoring import"), consumers)
sockets = URLRouter([path("ws/chat/", consumers["Chat"].as_asgi())])
application = monitored(ProtocolTypeRouter({"http": ASGIStaticFilesHandler(http), "websocket": sockets}))
