import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import SessionMiddlewareStack
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workshop.settings")
django_application = get_asgi_application()

from jobs.consumers import JobConsumer

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": SessionMiddlewareStack(URLRouter([re_path(r"^jobs/(?P<bench>\w+)/$", JobConsumer.as_asgi())])),
    }
)
