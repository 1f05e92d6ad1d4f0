"""URLs of a project that mounts the pages below its languages."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

urlpatterns = i18n_patterns(path("ops/", include("dashboard.urls")), prefix_default_language=False)
