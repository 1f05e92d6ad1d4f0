"""Every page and every list of the admin in Korean, as the scripts have filled it: no English word is left."""

from __future__ import annotations

import re
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.test_languages import SAME_IN_KOREAN
from tests.e2e.browser import sign_in
from tests.e2e.test_pages import ADMIN_LISTS, AVATARS, PAGES
from tests.monitoring.admin.test_korean import KNOWN
from tests.site import running_site

pytestmark = pytest.mark.pages

TEXTS = """() => {
    const code = "script, style, template, code, kbd, bdi, pre, .mono";
    const untold = `${code}, option[value='en'], .hud__line, [lang='en'], [hidden]`;
    const isTold = (element) => !element.closest(untold);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
        const { parentElement, data } = walker.currentNode;
        if (isTold(parentElement)) found.push(data.trim());
    }
    for (const name of ["aria-label", "title", "placeholder", "alt", "data-label"]) {
        const named = [...document.querySelectorAll(`[${name}]`)].filter(isTold);
        found.push(...named.map((element) => element.getAttribute(name).trim()));
    }
    return [document.title, ...new Set(found)].filter(Boolean);
}"""
CODE = re.compile(r"new load balancer|https?:\S+|\{[^}]*\}|\w*[_./:@=]\w[\w./:@=\-]*|\w+-\d+|[?&]\w+")
"""A marker's text, and names of rules, nodes, addresses and versions."""

NAMES_OF_THIS_SITE = {*AVATARS, "nobody", "lobby", "admin", "websockets"}
MORE_KNOWN = {
    "TCP", "Hz", "GB", "Python", "False", "True", "connections", "connects", "disconnects",
    "Apprise", "Alertmanager", "bearer", "slack", "mailto", "rule", "metric", "severity", "client", "subject",
}  # fmt: skip
"""Units, Django's own texts, and names in the forms of rules and channels."""

OURS = {name: path for name, path in PAGES.items() if name != "api-docs" and not path.startswith("/admin/auth/")}
"""What the reference says of the API is English (docs/languages.md), and so is a part of Django's pages of users."""

FILL = """
from datetime import timedelta
from django.utils import timezone
from tests.generated import generate
generate(timezone.now(), hours=timedelta(hours=3), days=timedelta(0))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("korean")) as site, ExitStack() as avatars:
        site.migrate()
        site.shell(FILL)
        site.daphne()
        for name in AVATARS:
            avatars.enter_context(site.avatar(f"client_id={name}"))
        yield site


def english_on(page: Page) -> list[str]:
    allowed = SAME_IN_KOREAN | KNOWN | NAMES_OF_THIS_SITE | MORE_KNOWN
    return [text for text in page.evaluate(TEXTS) if set(re.findall(r"[A-Za-z]{2,}", CODE.sub("", text))) - allowed]


def test_no_page_has_an_english_word_once_its_scripts_have_run(site, browser):
    page = browser.new_context(locale="ko-KR", reduced_motion="reduce").new_page()
    sign_in(page, site, "/")
    lists = {f"admin-{name}s": f"/admin/avatar_monitoring/{name}/" for name in site.shell(ADMIN_LISTS).split()}
    found = {}
    for name, path in (OURS | lists).items():
        page.goto(f"{site.url}{path}")
        expect(page.locator("html")).to_have_attribute("lang", "ko")
        if page.locator("#connection-text").count():
            expect(page.locator("#connection-text")).not_to_have_text(re.compile("연결 중"))
        if name in ("live", "clients"):
            expect(page.locator("[data-client-id], .table tbody tr").first).to_be_visible()
        if texts := english_on(page):
            found[name] = texts
    assert not found, "\n".join(f"{name}: {text}" for name, texts in found.items() for text in texts)
