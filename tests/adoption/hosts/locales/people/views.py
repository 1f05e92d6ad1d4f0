from datetime import UTC, datetime

from django.http import HttpResponse
from django.shortcuts import render


def hello(request):
    """Outside of the languages' addresses."""
    return HttpResponse("hello", content_type="text/plain")


def home(request):
    return render(request, "people/home.html", {"opened": datetime(2026, 1, 31, 20, 0, tzinfo=UTC), "guests": 1234567})
