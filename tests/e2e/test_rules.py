"""The pages about rules as a person uses them: find a rule, see what it did, try other numbers, look at one episode."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import SCREENS, SCREENSHOTS, accessibility_faults, complaints, sign_in
from tests.site import running_site

pytestmark = pytest.mark.e2e

GENERATE = """
from datetime import timedelta
from django.utils import timezone
from tests.generated import generate
generate(timezone.now(), hours=timedelta(days=2), days=timedelta(0))
from monitoring.core.stats.sample import Gauge
from monitoring.models import Minute
busy = timezone.now() - timedelta(hours=5), timezone.now() - timedelta(hours=4, minutes=50)
hot = {"count": 60, "sum": 93.0 * 60, "min": 91.0, "max": 96.0}
Minute.objects.between(*busy).update(**{f"cpu_percent_{part}": value for part, value in hot.items()})
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("rules")) as site:
        site.migrate()
        site.shell(GENERATE)
        site.daphne()
        yield site


@pytest.fixture
def page(site, browser):
    """The tab of a signed-in operator, in which no script fails and the policy blocks nothing."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, site, "/alerts/rules/")
    errors = complaints(page)
    yield page
    assert errors == []
    context.close()


def test_other_numbers_stand_beside_those_in_force_and_an_episode_leads_to_its_second(page):
    page.get_by_role("link", name="CPU", exact=True).first.click()
    expect(page.get_by_role("heading", name="CPU", level=1)).to_be_visible()
    page.get_by_role("link", name="24h").click()
    expect(page.locator("#trends canvas")).to_be_visible()
    expect(page.get_by_role("row", name="Threshold 80 %")).to_be_visible()
    page.get_by_label("Threshold (%)").fill("98")
    page.get_by_label("Exit (%)").fill("95")
    page.get_by_label("Exit (%)").press("Enter")
    expect(page.get_by_role("row", name="Threshold 80 % 98 %")).to_be_visible()
    expect(page.get_by_role("heading", name="Episodes of the changed rule")).to_be_visible()
    first = page.get_by_role("region", name="Table of episodes, in force").get_by_role("link").first
    assert "/?at=" in first.get_attribute("href")


@SCREENS
@pytest.mark.parametrize("path", ["/alerts/rules/", "/alerts/rules/cpu_percent/?range=24h&enter=90"])
def test_every_page_is_accessible_and_fits_the_screen(page, path, screens):
    for width, scheme in screens:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.goto(path)
        if "range" in path:
            expect(page.locator("#trends canvas")).to_be_visible()
        assert accessibility_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} at {width}"
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(
            path=SCREENSHOTS / f"{'rule' if 'range' in path else 'rules'}-{width}-{scheme}.png", full_page=True
        )
