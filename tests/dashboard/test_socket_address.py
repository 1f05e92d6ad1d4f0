import json

import pytest
from django.test import AsyncRequestFactory, RequestFactory

from dashboard.socket_address import socket
from monitoring.servers.viewers_socket import PASSED_KEY


@pytest.mark.parametrize(("extra", "monitored"), [({PASSED_KEY: True}, True), ({}, False)])
def test_it_says_whether_monitored_is_there(extra, monitored):
    request = AsyncRequestFactory().get("/ws/metrics/")
    request.scope |= {"http_version": "1.1", **extra}
    response = socket(request)
    assert (response.status_code, response["Upgrade"]) == (426, "websocket")
    assert json.loads(response.content)["monitored"] is monitored


def test_under_wsgi_it_cannot_know_and_sends_no_header_that_wsgi_forbids():
    response = socket(RequestFactory().get("/ws/metrics/"))
    assert json.loads(response.content)["monitored"] is None
    assert "Upgrade" not in response


@pytest.mark.django_db
def test_a_project_that_asks_for_a_login_everywhere_lets_a_page_ask_it(client, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    assert client.get("/ws/metrics/").status_code == 426
