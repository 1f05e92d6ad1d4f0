"""The avatar site's URLs, and those of docs/custom-dashboard.md before them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import include, path

_found: dict[str, Any] = {"__name__": __name__}
exec(settings.URLS, _found)
urlpatterns = [*_found["urlpatterns"], path("", include("avatar_site.urls"))]
