import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path
from orders.consumers import OrderConsumer

application = ProtocolTypeRouter({"http": http, "websocket": URLRouter([path("ws/orders/", OrderConsumer.as_asgi())])})
