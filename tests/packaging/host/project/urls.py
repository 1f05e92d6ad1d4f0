from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("dashboard.urls")),
    path("sensors/", include("monitoring.urls")),
    path("watch/", include("avatar_monitoring.urls")),
]
