"""The whole runtime on one screen: what serves, what is monitored, what runs alongside."""

import atexit
import gc
import os
import sys
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured
from django.urls import path, re_path

from avatar_site.configuration.private_files import PRIVATE_UMASK
from avatar_site.front.door import Door, Limits, raise_limit
from avatar_site.logs import handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "avatar_site.settings")

AVATARS = "/ws/avatar/"


async def nobody_here(_scope: Any, _receive: Any, send: Any) -> None:
    """Refuses a WebSocket with an unknown path; otherwise the handshake would hang for a second and end in an error."""
    await send({"type": "websocket.close"})


def build() -> Any:
    os.umask(PRIVATE_UMASK)
    raise_limit()
    http = get_asgi_application()
    # These imports need Django to be set up.
    from avatar_site.consumers import AvatarConsumer
    from avatar_site.front.addresses import AddressRates
    from avatar_site.front.front import Front
    from avatar_site.front.open_requests import OpenRequests
    from avatar_site.rooms import Rooms
    from avatar_site.sign_ins import SignIns
    from avatar_site.supervisor import pulse
    from avatar_site.supervisor.embedded_valkey import EmbeddedValkey
    from monitoring import monitored, runtime
    from monitoring.servers import daphne

    if settings.EMBEDDED_VALKEY:
        valkey = EmbeddedValkey(settings.DATA_DIR)
        if valkey.ensure():
            atexit.register(valkey.stop)
    rooms = Rooms()
    rates = AddressRates(settings.AVATAR_MAX_MESSAGES_PER_ADDRESS, settings.AVATAR_TRUSTED_PROXIES)
    # Channels' URLs hold ASGI applications, which Django's types do not know.
    unknown: Any = nobody_here
    websockets = URLRouter(
        [
            path(AVATARS.lstrip("/"), AvatarConsumer.as_asgi(rooms=rooms, rates=rates)),
            re_path(r"", unknown),
        ]
    )
    limits = Limits(
        settings.AVATAR_MAX_CONNECTIONS, settings.AVATAR_MAX_CONNECTIONS_PER_ADDRESS, settings.AVATAR_TRUSTED_PROXIES
    )
    door = Door(limits, lambda: runtime.current().protection)
    if daphne.is_loaded():
        # It needs a reactor; by now daphne, and only daphne, has one: it is no installed app of this site.
        from avatar_site.front import daphne_http, daphne_listener

        daphne_http.install(door)
        daphne_listener.install()
    requests = OpenRequests(ProtocolTypeRouter({"http": http, "websocket": websockets}))
    # Parts stop in reverse order, so requests have as long as everything else takes to stop.
    watched = monitored(requests, requests, rooms, SignIns(rooms), pulse.own(), guard=[AVATARS])
    return Front(watched, door)


handler.begin()
try:
    application = build()
except ImproperlyConfigured as error:
    sys.exit(f"Configuration error: {error}")

# Imported objects stay forever: scanning them for garbage again and again stops every client for 50 ms.
gc.collect()
gc.freeze()
