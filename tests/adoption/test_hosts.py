"""Other people's projects adopt the installed package, are watched by it, keep all they had, and give it up again."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.adoption.environments import ENVIRONMENTS, adoptable
from tests.adoption.project import OPERATOR, SERVERS, Project
from tests.adoption.recipe import Recipe, recipe, recipes
from tests.adoption.visitor import Visitor, expect_the_same
from tests.e2e.browser import complaints
from tests.site import PASSWORD, eventually

CHEAPEST = "multichat"
CLIENT = "ada-of-the-host"
MINUTE_SECONDS = 120
"""The minute ends, and is stored some seconds later; a busy machine takes longer."""
TROUBLE = re.compile(r"Traceback|Exception|ERROR|may have wrapped|avatar_monitoring.*WARN|WARN.*avatar_monitoring")


CASES = [
    pytest.param(one, environment, id=f"{one.name} in {environment}")
    for one in recipes()
    for environment in (one.environment, *one.also_in)
]


@pytest.mark.adoption
@pytest.mark.parametrize(("recipe", "environment"), CASES)
def test_a_host_adopts_the_package_and_gives_it_up(recipe, environment, project, environments, browser):
    adopts_and_gives_up(project, environment, environments, browser, tuple(SERVERS))


@pytest.mark.parametrize("recipe", [recipe(CHEAPEST)], ids=[CHEAPEST])
def test_one_of_them_does_so_under_daphne(recipe, project, environments, browser):
    adopts_and_gives_up(project, recipe.environment, environments, browser, ("daphne",))


def adopts_and_gives_up(
    project: Project, environment: str, environments: Path, browser: Browser, servers: tuple[str, ...]
) -> None:
    bare, adopted = adoptable(environment, environments)
    extras = ENVIRONMENTS[environment].extras
    project.prepare(bare)
    tests, said = project.own_tests(bare), project.check(bare)
    seen = {server: what_a_visitor_sees(project, bare, server) for server in servers}

    project.adopt()
    sets_itself_up(project, adopted)
    assert project.check(adopted) == sorted([*said, *what_check_says(project.recipe, extras)])
    with project.running(adopted, *project.recipe.storing):
        for server in servers:
            with project.served(adopted, server) as address:
                visitor = Visitor(project.recipe, address)
                expect_the_same(seen[server], visitor.sees())
                with visitor.talking(CLIENT):
                    an_operator_sees_the_client(browser, project.recipe, address)
                    if server == servers[-1]:
                        assert project.own_tests(adopted) == tests
                        a_minute_is_stored(project, visitor)
                        exports_what_the_client_sent(project, adopted)
                        answers_programs(visitor, extras)
                        goes_on_with_its_own_work(visitor)
    stays_the_same_with_monitoring_off(project, adopted, servers[0], seen[servers[0]])
    assert TROUBLE.findall(project.log()) == [], project.log()

    project.give_up()
    assert project.own_tests(bare) == tests
    expect_the_same(seen[servers[0]], what_a_visitor_sees(project, bare, servers[0]))


def what_a_visitor_sees(project: Project, python: Path, server: str) -> dict:
    with project.served(python, server) as address:
        return Visitor(project.recipe, address).sees()


def sets_itself_up(project: Project, python: Path) -> None:
    project.manage(python, "migrate", "-v", "0")
    project.collect_static_files(python)
    assert "No changes detected" in project.manage(python, "makemigrations", "--check", "--dry-run")


def what_check_says(recipe: Recipe, extras: tuple[str, ...]) -> list[str]:
    without_psutil = [] if "system" in extras else ["I002"]
    return [f"avatar_monitoring.{number}" for number in (*recipe.check, *without_psutil)]


def an_operator_sees_the_client(browser: Browser, recipe: Recipe, address: str) -> None:
    context = browser.new_context(locale="en")
    page = context.new_page()
    signs_in_the_hosts_way(page, recipe, address)
    # The host's own pages may have no icon.
    errors = complaints(page)
    page.reload()
    sees_the_client_live(page, recipe)
    every_page_opens(page, recipe, address)
    assert errors == []
    signs_out(page, recipe, address)
    context.close()


def stays_the_same_with_monitoring_off(project: Project, python: Path, server: str, seen: dict) -> None:
    project.environment["AVATAR_MONITORING_ENABLED"] = "false"
    with project.served(python, server) as address:
        visitor = Visitor(project.recipe, address)
        expect_the_same(seen, visitor.sees())
        status, _, page = visitor.get(project.recipe.mount)
        assert (status, b"AVATAR_MONITORING_ENABLED" in page) == (200, True)
    del project.environment["AVATAR_MONITORING_ENABLED"]


def signs_in_the_hosts_way(page: Page, recipe: Recipe, address: str) -> None:
    page.goto(address + recipe.mount)
    assert urlsplit(page.url).path == recipe.login_page
    page.fill("[name=username]", OPERATOR)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(address + recipe.mount)


def sees_the_client_live(page: Page, recipe: Recipe) -> None:
    expect(page.locator("#connection-text")).to_have_text("Live")
    expect(page.locator("#clients tbody tr")).to_have_count(1)
    expect(page.locator("#clients tbody")).to_contain_text(CLIENT)
    links = page.locator(".topbar a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert [link for link in links if not link.startswith((recipe.mount, recipe.admin, "#"))] == []


def every_page_opens(page: Page, recipe: Recipe, address: str) -> None:
    for path in ("clients/", f"clients/{CLIENT}/", "alerts/", "trends/"):
        answer = page.goto(address + recipe.mount + path)
        assert answer is not None
        assert answer.status == 200, path


def signs_out(page: Page, recipe: Recipe, address: str) -> None:
    """Where the page offers it."""
    button = page.locator(".account button")
    if button.count():
        button.click()
        page.goto(address + recipe.mount)
        assert urlsplit(page.url).path == recipe.login_page


def a_minute_is_stored(project: Project, visitor: Visitor) -> None:
    """The host's admin lists it."""
    path = f"{project.recipe.admin}avatar_monitoring/minute/"
    eventually(
        lambda: b'name="_selected_action"' in visitor.get(path)[2], seconds=MINUTE_SECONDS, every=1, what=project.log
    )


def exports_what_the_client_sent(project: Project, python: Path) -> None:
    """A minute in which it sent something: the first one stored may have ended before it came."""
    eventually(lambda: messages_exported(project, python) > 0, seconds=MINUTE_SECONDS, every=1, what=project.log)


def messages_exported(project: Project, python: Path) -> int:
    csv_of_minutes = ("--resolution", "minute", "--format", "csv", "--output", "minutes.csv", "--force")
    project.manage(python, "export_metrics", *csv_of_minutes)
    with (project.folder / "minutes.csv").open() as exported:
        return sum(int(row["messages"]) for row in csv.DictReader(exported))


def answers_programs(visitor: Visitor, extras: tuple[str, ...]) -> None:
    """Where what they need is installed; elsewhere it says what is missing."""
    for path, answer in (("metrics", b"avatar_connections"), ("api/openapi.json", b"openapi")):
        status, _, body = visitor.get(visitor.recipe.mount + path)
        if "api" in extras:
            assert (status, answer in body) == (200, True), body
        else:
            assert (status, b"avatar-monitoring[api]" in body) == (501, True), body


def goes_on_with_its_own_work(visitor: Visitor) -> None:
    if path := visitor.recipe.still_works:
        eventually(lambda: visitor.get(path)[2] == b"yes", seconds=30)
