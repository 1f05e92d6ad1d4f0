from django.conf import settings
from django.urls import include, path

urlpatterns = [path("ops/monitoring/", include("dashboard.urls"))]
if settings.HAS_ADMIN:
    from django.contrib import admin

    urlpatterns += [path("office/", admin.site.urls)]
