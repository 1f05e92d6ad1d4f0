"""Three ways to serve the project: with `monitored`, without, and by WSGI."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.integration.people.settings")
django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

from monitoring import monitored  # noqa: E402

forgotten = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": URLRouter([])})
application = monitored(forgotten)
wsgi = get_wsgi_application()
