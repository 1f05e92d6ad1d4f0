"""A project with a sign-in page of its own, at the address that Django has by default."""

from django.http import HttpResponse
from django.urls import include, path, re_path

urlpatterns = [
    path("accounts/login/", lambda _request: HttpResponse("sign in"), name="own-sign-in"),
    path("monitoring/", include("dashboard.urls")),
    re_path(r"^shop/.*$", lambda _request: HttpResponse("a shop")),
]
