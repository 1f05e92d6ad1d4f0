from dashboard.consumers import MetricsConsumer
from django.urls import path

websocket_urlpatterns = [path("ws/metrics/", MetricsConsumer.as_asgi())]
