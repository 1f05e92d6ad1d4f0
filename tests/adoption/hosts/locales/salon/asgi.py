import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salon.settings")
http = get_asgi_application()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from people.routing import websockets

application = ProtocolTypeRouter({"http": http, "websocket": AuthMiddlewareStack(URLRouter(websockets))})
