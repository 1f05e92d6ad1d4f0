from django.contrib import admin
from django.urls import path
from letters.views import front_page

urlpatterns = [
    path("", front_page, name="live"),
    path("admin/", admin.site.urls),
]
