"""Links in notices, in projects that include the pages at other places."""

import pytest
from django.http import HttpResponse
from django.urls import clear_script_prefix, include, path, set_script_prefix

from monitoring.alerting.page_links import link


class Mounted:
    urlpatterns = [path("staff/monitoring/", include("dashboard.urls"))]


class Without:
    urlpatterns = [path("", HttpResponse)]


@pytest.fixture
def prefix():
    set_script_prefix("/shop/")
    yield
    clear_script_prefix()


def test_they_lead_to_where_the_project_has_the_pages(settings):
    settings.ROOT_URLCONF = Mounted
    assert link("https://shop.example", "alert", 7) == "https://shop.example/staff/monitoring/alerts/7/"
    assert link("https://shop.example", "live", at="2026-11-27T09:00:00Z") == (
        "https://shop.example/staff/monitoring/?at=2026-11-27T09%3A00%3A00Z"
    )


@pytest.mark.usefixtures("prefix")
def test_those_that_a_request_writes_are_those_that_a_worker_writes(settings):
    settings.ROOT_URLCONF = Mounted
    assert link("https://shop.example/shop", "alerts") == "https://shop.example/shop/staff/monitoring/alerts/"


def test_there_are_none_without_a_base_or_without_pages(settings):
    assert link("", "alerts") == ""
    settings.ROOT_URLCONF = Without
    assert link("https://shop.example", "alerts") == ""


def test_urls_that_cannot_be_imported_cost_the_links_only(settings, caplog):
    settings.ROOT_URLCONF = "tests.no_such_module"
    assert link("https://shop.example", "alerts") == ""
    assert "Notices have no links: the project's URLs cannot be read (ModuleNotFoundError)" in caplog.text
