"""The pages below a prefix, beside a project's own page; nobody can sign in."""

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("", lambda _request: HttpResponse("the project's own page"), name="metrics"),
    path("me/", lambda _request: HttpResponse("the project's own page"), name="avatar"),
    path("monitoring/", include("dashboard.urls")),
]
