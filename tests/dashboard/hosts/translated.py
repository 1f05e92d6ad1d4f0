"""A project whose addresses begin with a language."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.http import HttpResponse
from django.urls import include, path

urlpatterns = i18n_patterns(
    path("accounts/login/", lambda _request: HttpResponse("anmelden")),
    path("admin/", admin.site.urls),
    path("monitoring/", include("dashboard.urls")),
)
