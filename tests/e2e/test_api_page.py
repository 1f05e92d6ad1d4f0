"""The page that describes the API: its examples run against a server, and it is usable on any screen."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from dashboard.api_calls import LANGUAGES
from dashboard.api_reference import operations
from monitoring.api.endpoints import api
from tests.e2e.browser import SCREENS, SCREENSHOTS, accessibility_faults, complaints, sign_in
from tests.site import receive, running_site

pytestmark = pytest.mark.e2e
TOKENS = {language: letter * 32 for language, letter in zip(LANGUAGES, "abc", strict=True)}
"""One for each language: a caller may send thirty requests at once."""

SET_UP = """
from django.utils import timezone
from monitoring.models import Alert
Alert.objects.create(pk=1, rule="cpu_percent", metric="cpu_percent", scope="host", subject="vm", host="vm", node="vm:1",
    severity="warning", message="High CPU usage: 85.3%", value=85.3, threshold=80.0, peak=91.2,
    started_at=timezone.now())
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("api"), AVATAR_API_TOKENS=",".join(TOKENS.values())) as site:
        site.migrate()
        site.shell(SET_UP)
        site.daphne()
        with site.avatar("client_id=ada") as ada:
            receive(ada, "welcome")
            yield site


def run(language: str, directory, codes: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs the examples of one language one after the other, as a reader would paste them; each prints its answer."""
    if language == "curl":
        command = ["sh", "-e", "-c", "\necho\n".join(code.replace("curl ", "curl -sSf ", 1) for code in codes)]
    elif language == "Python":
        # Each has names of its own, and what one defines does not help the next.
        script = "\n".join(f"exec({code!r}, {{}})" for code in codes)
        command = [sys.executable, "-c", script]
    else:
        for number, code in enumerate(codes):
            plain = code.replace(
                "console.log(await response.json())", "console.log(JSON.stringify(await response.json()))"
            )
            (directory / f"{number}.mjs").write_text(f"{plain}\nif (!response.ok) throw new Error(response.url);")
        script = "\n".join(f'await import("./{number}.mjs");' for number in range(len(codes)))
        (directory / "all.mjs").write_text(script)
        command = ["node", "all.mjs"]
    return subprocess.run(
        command,
        cwd=directory,
        env={**environment, "TOKEN": TOKENS[language]},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.django_db
def test_each_example_that_reads_gets_its_answer_from_a_server(site, tmp_path, language):
    reads = [one for one in operations(api.get_openapi_schema(), site.url) if one.method == "GET"]
    codes = [next(one.code for one in operation.examples if one.language == language) for operation in reads]
    done = run(language, tmp_path, codes, site.environment)
    assert done.returncode == 0, done.stdout + done.stderr
    answers = [line for line in done.stdout.splitlines() if line]
    assert len(answers) == len(reads) > 10, done.stdout
    if language != "Python":
        for operation, answer in zip(reads, answers, strict=True):
            assert json.loads(answer).keys() == json.loads(operation.answer_example).keys(), operation.path


@pytest.fixture(scope="module")
def operator(site, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.errors = complaints(page)
    sign_in(page, site, "/clients/")
    return page


def test_the_search_leaves_the_parts_that_contain_all_words_and_a_link_has_it(site, operator):
    operator.goto(f"{site.url}/api/docs")
    operator.keyboard.press("/")
    operator.keyboard.type("percentiles METRIC")
    expect(operator.locator("#series")).to_be_visible()
    expect(operator.locator("#rules")).to_be_hidden()
    expect(operator.locator('.contents a[href="#rules"]')).to_be_hidden()
    operator.reload()
    expect(operator.locator("#search")).to_have_value("percentiles METRIC")
    expect(operator.locator("#rules")).to_be_hidden()
    operator.fill("#search", "nothing like it")
    expect(operator.locator("#found")).to_have_text("Nothing here contains “nothing like it”")
    operator.keyboard.press("Escape")
    expect(operator.locator("#rules")).to_be_visible()
    assert operator.errors == []


def test_one_language_is_shown_and_kept(site, operator):
    operator.goto(f"{site.url}/api/docs")
    shown = operator.locator("#series .example[data-language]:visible")
    expect(shown).to_contain_text("curl")
    operator.locator("#series").get_by_role("button", name="Python").click()
    expect(shown).to_contain_text("from urllib.request import")
    expect(operator.locator("#rules .example[data-language]:visible")).to_contain_text("urlopen")
    operator.goto(f"{site.url}/api/docs#rules")
    expect(operator.locator("#rules .example[data-language]:visible")).to_contain_text("urlopen")
    expect(operator.locator("#rules-title")).to_be_in_viewport()


def test_a_link_to_a_part_that_the_search_left_out_shows_it(site, operator):
    operator.goto(f"{site.url}/api/docs?search=percentiles#rules")
    expect(operator.locator("#rules-title")).to_be_in_viewport()
    expect(operator.locator("#search")).to_have_value("")


@SCREENS
def test_it_fits_any_screen_and_is_accessible(site, operator, screens):
    for width, theme in screens:
        operator.set_viewport_size({"width": width, "height": 900})
        operator.emulate_media(color_scheme=theme, reduced_motion="reduce")
        operator.goto(f"{site.url}/api/docs")
        operator.locator("#series .answer summary").click()
        expect(operator.locator("#answer-series")).to_be_visible()
        SCREENSHOTS.mkdir(exist_ok=True, parents=True)
        operator.screenshot(path=SCREENSHOTS / f"api-{width}-{theme}.png")
        assert operator.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert accessibility_faults(operator) == []
    assert operator.errors == []
