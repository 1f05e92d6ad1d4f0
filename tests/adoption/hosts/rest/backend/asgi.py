import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from feed.routing import websocket_urlpatterns
from feed.tokens import TokenMiddleware

application = ProtocolTypeRouter({"http": http, "websocket": TokenMiddleware(URLRouter(websocket_urlpatterns))})
