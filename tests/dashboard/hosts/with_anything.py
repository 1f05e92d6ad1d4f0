"""A project that answers every address with its one page, and has the admin."""

from django.contrib import admin
from django.http import HttpResponse
from django.urls import include, path, re_path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("monitoring/", include("dashboard.urls")),
    re_path(r"^.*$", lambda _request: HttpResponse("one page")),
]
