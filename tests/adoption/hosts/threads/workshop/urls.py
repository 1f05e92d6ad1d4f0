from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import path
from jobs import views

urlpatterns = [
    path("", views.jobs, name="jobs"),
    path("admin/", admin.site.urls),
    *staticfiles_urlpatterns(),
]
