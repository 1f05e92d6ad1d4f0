"""URLs of a project that mounts the pages somewhere."""

from django.urls import include, path

urlpatterns = [path("ops/live/", include("dashboard.urls"))]
