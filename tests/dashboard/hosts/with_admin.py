"""A project whose only sign-in page is its own admin's."""

from django.contrib.admin import AdminSite
from django.urls import include, path

site = AdminSite(name="back-office")
urlpatterns = [path("office/", site.urls), path("monitoring/", include("dashboard.urls"))]
