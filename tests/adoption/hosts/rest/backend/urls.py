from django.contrib import admin
from django.urls import include, path
from feed import views
from rest_framework.routers import DefaultRouter

router = DefaultRouter()
router.register("messages", views.MessageViewSet)

urlpatterns = [
    path("", views.about, name="about"),
    path("api/", include(router.urls)),
    path("metrics/", views.metrics, name="metrics"),
    path("avatar/", views.avatar, name="avatar"),
    path("admin/", admin.site.urls),
]
