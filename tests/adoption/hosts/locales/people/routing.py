from django.urls import path

from people.consumers import GuestConsumer

websockets = [path("guests/", GuestConsumer.as_asgi())]
