import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gazette.settings")
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path
from letters.consumers import LetterConsumer

application = ProtocolTypeRouter({"http": http, "websocket": URLRouter([path("letters/", LetterConsumer.as_asgi())])})
