"""URLs of a project that does not mount the pages, and has a socket's address of its own."""

from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("ws/metrics/", lambda _request: HttpResponse(), name="socket")]
