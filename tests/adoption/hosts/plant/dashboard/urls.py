from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.urls import path

from dashboard import views

app_name = "dashboard"
urlpatterns = [
    path("", views.live, name="live"),
    path("clients/", views.clients, name="clients"),
    path("sign-in/", login_not_required(LoginView.as_view(template_name="dashboard/sign_in.html")), name="sign-in"),
]
