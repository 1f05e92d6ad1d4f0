"""The README shows both readers what to do; links lead somewhere, and the site asks no other host."""

import re
import tomllib
from pathlib import Path

import pytest
from django.urls import resolve

from tests.docs.pages import PAGES, ROOT, names, page, rows, section

README = (ROOT / "README.md").read_text()


def test_the_readme_shows_both_readers_what_to_do_on_its_first_screen():
    lines = README.splitlines()
    assert len(lines) <= 80
    assert lines.index("## Run the site") < lines.index("## Add it to your project") < 25


def code_lines(text: str, heading: str) -> list[str]:
    """The statements of the first example under a heading, without comments, alignment and imports."""
    example = re.search(r"```python\n(.*?)```", text[text.index(heading) :], re.DOTALL)[1]
    lines = [re.sub(r"\s+", " ", line.partition("  #")[0]).strip() for line in example.splitlines()]
    return [line for line in lines if line and (not line.startswith("#") or "pip install" in line)]


def test_the_readme_and_the_first_page_show_the_same_six_lines():
    six = code_lines(README, "## Add it to your project")
    assert len(six) == 6
    assert code_lines(page("adopt.md"), "# Install in five minutes") == six


def test_the_extras_on_the_first_page_are_those_of_the_package():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    listed = {row[0].strip("`"): row for row in rows(section(page("adopt.md"), "Extras"))}
    assert set(listed) == set(extras)


def test_the_supported_versions_are_the_classifiers_of_the_package():
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    (python, django) = re.search(
        r"^Supported: Python ([^;]+); Django ([^;]+);", page("adopt.md"), re.MULTILINE
    ).groups()
    for text, topic in ((python, "Programming Language :: Python"), (django, "Framework :: Django")):
        claimed = {one.rpartition(" ")[2] for one in classifiers if re.fullmatch(rf"{topic} :: \d+\.\d+", one)}
        assert claimed == set(re.findall(r"\d+\.\d+", text))


def test_the_reasons_for_versions_are_about_those_that_the_package_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = dict(re.fullmatch(r"(.+)>=(.+)", one).groups() for one in project["dependencies"])
    asked["Python"] = project["requires-python"].removeprefix(">=")
    documented: dict[str, str] = {}
    for packages, bounds, _ in rows(section(page("dependencies.md"), "The package")):
        documented |= dict(zip(packages.split(", "), bounds.replace("≥ ", "").split(", "), strict=True))
    assert documented == asked


def test_every_page_of_the_site_that_the_docs_name_exists():
    for url in names([row[0] for row in rows(section(page("run.md"), "Pages"))]):
        if not url.startswith("/ws/"):
            assert resolve(url.replace("<id>", "ada"))


def anchors(file: Path) -> set[str]:
    """The anchors of a page's headings that the site and GitHub make alike."""
    text = re.sub(r"^```.*?^```", "", file.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = [
        re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", line).replace("`", "")
        for line in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    ]
    plain = [re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in headings]
    return {re.sub(r"[-\s]+", "-", heading) for heading in plain} & {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_every_link_in_the_docs_leads_somewhere(file):
    text = re.sub(r"^ *```.*?^ *```", "", file.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", text):
        linked = file.parent / target if target else file
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), f"{target}#{anchor}"


def test_the_site_has_every_page_in_its_navigation():
    nav = (ROOT / "mkdocs.yml").read_text().split("\nnav:\n", 1)[1]
    listed = re.findall(r": ([\w/-]+\.md)$", nav, re.MULTILINE)
    below = {file: file.relative_to(ROOT / "docs").as_posix() for file in PAGES if file.is_relative_to(ROOT / "docs")}
    assert sorted(listed) == sorted(below.get(file, file.name) for file in PAGES if file != ROOT / "README.md")


def test_the_site_asks_no_other_host():
    configuration = (ROOT / "mkdocs.yml").read_text()
    assert re.search(r"^  font: false$", configuration, re.MULTILINE)
    assert "http" not in configuration
    # Its theme would load Mermaid from another host.
    assert [file.name for file in PAGES if "```mermaid" in file.read_text() or "](http" in images(file)] == []


def images(file: Path) -> str:
    return "".join(re.findall(r"!(\[[^]]*\]\([^)]*\))", file.read_text()))
