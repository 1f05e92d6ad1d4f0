"""The whole site on an IPv6 address: the printed address opens, and pages and avatar connect."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import chromium, complaints
from tests.site import eventually, needs_ipv6, running_site

pytestmark = [pytest.mark.e2e, pytest.mark.deployment, needs_ipv6]


def test_the_printed_address_opens_a_live_page_that_shows_an_avatar_in_another_tab(tmp_path):
    with running_site(tmp_path) as site, chromium() as browser:
        site.spawn("manage.py", "start_avatar_web_server", "--host", "::1", "--port", str(site.port), "--demo", "2")
        address = eventually(lambda: re.search(r"site runs at (\S+)", site.logs()), seconds=60).group(1)
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        errors = complaints(page)
        page.fill("[name=username]", "admin")
        page.fill("[name=password]", re.search(r"password  (\S+)", site.logs()).group(1))
        page.click("button[type=submit]")
        expect(page.locator("#connection-text")).to_have_text("Live")
        avatar = context.new_page()
        avatar.goto(f"{address}avatar/")
        expect(page.locator("#clients tbody tr")).to_have_count(3)
        assert errors == []
