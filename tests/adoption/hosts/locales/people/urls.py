from django.contrib.auth.views import LoginView
from django.urls import path

from people import views

app_name = "people"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", LoginView.as_view(template_name="people/sign_in.html", next_page="people:home"), name="sign-in"),
]
