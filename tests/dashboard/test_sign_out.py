"""Signing out works in every project, and says what it did where there is no other page to say it."""

import re

import pytest
from django.test import Client

from tests.dashboard.test_views import body


def signed_in(client: Client) -> bool:
    return client.get("/monitoring/").status_code == 200


def test_a_post_signs_out_and_says_so(host, viewer):
    response = viewer.post("/monitoring/sign-out/")
    assert response.status_code == 200
    assert "You are signed out" in body(response)
    assert not signed_in(viewer)


def test_a_link_does_not_sign_out(host, viewer):
    assert viewer.get("/monitoring/sign-out/").url == "/monitoring/"
    assert signed_in(viewer)


@pytest.mark.parametrize("middleware", [True, False], ids=["with CSRF's middleware", "without it"])
def test_the_pages_own_form_does_and_no_other_sites(host, viewer, middleware):
    if not middleware:
        host.MIDDLEWARE = [name for name in host.MIDDLEWARE if "csrf" not in name]
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = viewer.cookies
    text = body(browser.get("/monitoring/"))
    assert 'action="/monitoring/sign-out/"' in text
    assert browser.post("/monitoring/sign-out/").status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)[1]
    assert browser.post("/monitoring/sign-out/", {"csrfmiddlewaretoken": token}).status_code == 200


def test_someone_without_the_permission_can_sign_in_as_someone_else(host, stranger):
    text = body(stranger.get("/monitoring/trends/?range=1h"))
    following = re.search(r'name="next" value="([^"]*)"', text)[1]
    assert following == "/monitoring/trends/?range=1h"
    assert stranger.post("/monitoring/sign-out/", {"next": following}).url == following


def test_it_leads_to_no_other_site(host, viewer):
    assert viewer.post("/monitoring/sign-out/", {"next": "https://example.org/"}).status_code == 200
