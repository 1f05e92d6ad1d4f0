"""Every page, in both languages and themes, on a phone, a laptop and a wall: `make pages`."""

from __future__ import annotations

import re
from contextlib import ExitStack, suppress

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from tests.e2e.browser import SCREENSHOTS, accessibility_faults, complaints, foreign_requests, sign_in
from tests.site import running_site

pytestmark = [pytest.mark.e2e, pytest.mark.pages]

FILL = """
from datetime import timedelta
from django.utils import timezone
from tests.generated import generate
now = timezone.now()
generate(now, hours=timedelta(days=2), days=timedelta(0))
"""
ADMIN_LISTS = """
from django.apps import apps
from django.contrib import admin
own = [model for model in apps.get_app_config("avatar_monitoring").get_models() if model in admin.site._registry]
print(*(model._meta.model_name for model in own))
"""
PAGES = {
    "live": "/",
    "past": "/?at=2026-01-01T03:12:00Z",
    "kiosk": "/?kiosk=1",
    "clients": "/clients/",
    "client": "/clients/ada/",
    "client-unknown": "/clients/nobody/",
    "sessions": "/sessions/",
    "alerts": "/alerts/",
    "alert": "/alerts/1/",
    "silences": "/alerts/silences/",
    "rules": "/alerts/rules/",
    "rule": "/alerts/rules/cpu_percent/",
    "trends": "/trends/?range=24h",
    "trends-refused": "/trends/?range=never",
    "api-docs": "/api/docs",
    "avatar": "/avatar/",
    "login": "/login/",
    "missing": "/nowhere/",
    "admin": "/admin/",
    "admin-login": "/admin/login/",
    "admin-password": "/admin/password_change/",
    "admin-password-changed": "/admin/password_change/done/",
    "admin-user": "/admin/auth/user/1/change/",
    "admin-user-add": "/admin/auth/user/add/",
    "admin-user-password": "/admin/auth/user/1/password/",
    "admin-users": "/admin/auth/user/",
    "admin-group": "/admin/auth/group/add/",
    "admin-app": "/admin/avatar_monitoring/",
    "admin-alert": "/admin/avatar_monitoring/alert/1/change/",
    "admin-rule": "/admin/avatar_monitoring/alertrule/add/",
    "admin-rule-override": "/admin/avatar_monitoring/alertrule/add/?override=cpu_percent",
    "admin-channel": "/admin/avatar_monitoring/alertchannel/add/",
    "admin-kiosk-token": "/admin/avatar_monitoring/kiosktoken/add/",
    "admin-marker": "/admin/avatar_monitoring/marker/add/",
    "admin-silence": "/admin/avatar_monitoring/silence/add/",
}
REFUSED = {"trends-refused": 400, "missing": 404}
VISITORS = {"login", "admin-login"}
"""The pages that only somebody sees who has not signed in."""
UNSEEN = """
[...document.querySelectorAll("body *")].flatMap((one) => {
    const { overflowX } = getComputedStyle(one);
    const far = one.scrollWidth - one.clientWidth;
    if (far <= 1 || one.clientWidth <= 1 || !one.checkVisibility() || one.closest(".selector, .table__key")) return [];
    if (["hidden", "clip"].includes(overflowX) && one.innerText?.trim()) return [`cut by ${far} px: ${one.innerText}`];
    if (["auto", "scroll"].includes(overflowX) && (one.closest("#content") || one.matches(".scroller")))
        return [`${far} px to scroll: ${one.outerHTML}`.slice(0, 200)];
    return [];
})
"""
"""Texts that are cut, tables that scroll, and what scrolls by itself in the admin.

Not in Django's choosers, nor a client's long name.
"""
AVATARS = ("ada", "grace", "katherine")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("pages")) as site, ExitStack() as avatars:
        site.migrate()
        site.shell(FILL)
        site.daphne()
        for name in AVATARS:
            avatars.enter_context(site.avatar(f"client_id={name}"))
        yield site


@pytest.fixture(scope="module")
def signed_in(site, browser):
    """The cookies of an operator who has closed the tour."""
    context = browser.new_context()
    sign_in(context.new_page(), site, "/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="module")
def pages(site):
    lists = {f"admin-{name}s": f"/admin/avatar_monitoring/{name}/" for name in site.shell(ADMIN_LISTS).split()}
    return PAGES | lists


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280, 1920])
def test_every_page_is_valid_and_accessible(site, browser, signed_in, pages, width, theme, language):
    screen = {"viewport": {"width": width, "height": 900}, "color_scheme": theme, "locale": language}
    visitor, operator = (
        browser.new_context(**screen, storage_state=state, reduced_motion="reduce") for state in (None, signed_in)
    )
    faults = {}
    for name, path in pages.items():
        if found := faults_of(site, visitor if name in VISITORS else operator, name, path, language):
            faults[name] = found
    visitor.close()
    operator.close()
    assert not faults, "\n".join(f"{name}: {fault}" for name, found in faults.items() for fault in found)


def faults_of(site, context, name, path, language):
    """What is wrong with a page: its status, language, console, security policy, requests, width, accessibility."""
    page = context.new_page()
    errors, foreign, unanswered = complaints(page), foreign_requests(page, site.url), unanswered_requests(page)
    status = page.goto(site.url + path).status
    if page.locator("#connection-text").count() and name != "past":
        expect(page.locator("#connection-text")).to_have_text(re.compile("Live|실시간"))
    settle(page)
    found = [f"not answered: {address}" for address in unanswered]
    found += [error for error in errors if str(REFUSED.get(name, "-")) not in error] + foreign
    if status != REFUSED.get(name, 200):
        found.append(f"status {status}")
    if (spoken := page.evaluate("document.documentElement.lang")) != language:
        found.append(f"language {spoken}")
    if (sideways := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
        found.append(f"{sideways} px wider than the screen")
    found += page.evaluate(UNSEEN)
    found += accessibility_faults(page)
    width = page.viewport_size["width"]
    theme = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{theme}-{language}.png", full_page=True)
    page.close()
    return found


def unanswered_requests(page):
    """A list that has, at any moment, what the page has asked for and not got."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for end in ("requestfinished", "requestfailed"):
        page.on(end, lambda request: asked.remove(request.url))
    return asked


def settle(page):
    """Waits for a page's requests. On a busy machine Chromium may not say that they have ended."""
    with suppress(PlaywrightTimeout):
        page.wait_for_load_state("networkidle")
