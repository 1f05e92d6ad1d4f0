from django.urls import path

from monitoring import views

app_name = "monitoring"
urlpatterns = [path("", views.sensors, name="live"), path("metrics", views.sensors, name="metrics")]
