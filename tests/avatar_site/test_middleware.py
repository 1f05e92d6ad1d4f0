"""Probes at any address, and pages that need the database while it is away."""

import logging

import pytest
from django.conf import settings
from django.db import IntegrityError, OperationalError
from django.test import Client

from avatar_site.logs.sparing_log import Reasonless
from avatar_site.middleware import AnswerWithoutDatabase


@pytest.fixture
def site_of_one_name(settings):
    settings.ALLOWED_HOSTS = ["avatars.example.com"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_are_answered_on_any_address(client, site_of_one_name, path):
    assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code not in (301, 400)


def test_other_requests_are_not(client, site_of_one_name):
    assert client.get("/login/", headers={"host": "10.0.0.7:8000"}).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/metrics", 401), ("/login/", 301)])
def test_probes_are_not_redirected_to_https(client, settings, site_of_one_name, path, status):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
    assert client.get(path, headers={"host": "avatars.example.com"}).status_code == status


@pytest.fixture
def away(monkeypatch):
    def fail(*_, **__):
        raise OperationalError("connection refused\nIs the server running?")

    monkeypatch.setattr("django.contrib.auth.authenticate", fail)
    monkeypatch.setattr("django.contrib.auth.forms.authenticate", fail)
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", fail)


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/", "/clients/", "/alerts/", "/trends/", "/admin/"])
def test_a_signed_in_viewer_gets_a_page_that_says_so_and_the_log_one_line(client, away, caplog, page):
    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    answer = client.get(page)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "The database is unavailable" in answer.content.decode()
    (record,) = [record for record in caplog.records if Reasonless().filter(record)]
    assert record.getMessage() == (
        f"Cannot show a page without the database: {page}: connection refused Is the server running?"
    )
    assert record.levelno == logging.WARNING
    assert record.exc_info is None


@pytest.mark.django_db
def test_signing_in_gets_the_same_page(away):
    answer = Client().post("/login/", {"username": "a", "password": "b"})
    assert answer.status_code == 503


def test_a_bug_in_the_code_keeps_its_traceback(rf):
    middleware = AnswerWithoutDatabase(repr)
    for error in (ValueError("x"), IntegrityError("UNIQUE constraint failed")):
        assert middleware.process_exception(rf.get("/"), error) is None
