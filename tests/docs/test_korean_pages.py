"""The Korean pages say what the English ones say: as many headings and rows, the same commands, and the same links."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

KOREAN = {
    ROOT / "docs" / "ko" / "README.md": ROOT / "README.md",
    ROOT / "docs" / "ko" / "first-day.md": ROOT / "docs" / "first-day.md",
}
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def headings(page: Path) -> list[str]:
    return [hashes for hashes, _ in re.findall(r"^(#+) (.+)$", CODE.sub("", page.read_text()), re.MULTILINE)]


def examples(page: Path) -> list[list[str]]:
    """The lines of each example without their comments, which are in the page's language."""
    found = CODE.findall(page.read_text())
    if any(line.startswith("LIVE") for block in found for line in block.splitlines()):
        found = [block for block in found if "LIVE " not in block]
    return [[re.sub(r"\s*#.*", "", line) for line in block.splitlines()] for block in found]


def links(page: Path) -> list[Path]:
    """Where the page leads, in any order: a Korean page may be in the place of an English one."""
    targets = re.findall(r"\]\((?!https?:)([^)#\s]+)", CODE.sub("", page.read_text()))
    files = [(page.parent / target).resolve() for target in targets]
    read = {ROOT / "README.md", ROOT / "docs" / "ko" / "README.md"}
    return sorted(KOREAN.get(file, file) for file in files if file not in read)


def names(page: Path) -> set[str]:
    """What stands in code, such as addresses, variables and commands."""
    return set(re.findall(r"`([^`\n]+)`", CODE.sub("", page.read_text())))


@pytest.mark.parametrize("korean", KOREAN, ids=lambda page: page.name)
def test_a_korean_page_has_the_headings_examples_links_and_names_of_the_english_one(korean):
    english = KOREAN[korean]
    assert headings(korean) == headings(english)
    assert examples(korean) == examples(english)
    assert links(korean) == links(english)
    assert names(korean) == names(english)
    rows = [page.read_text().count("\n|") for page in (korean, english)]
    assert rows[0] == rows[1]


@pytest.mark.parametrize("korean", KOREAN, ids=lambda page: page.name)
def test_a_korean_page_is_in_korean(korean):
    prose = re.sub(r"`[^`]*`|\[[^]]*\]\([^)]*\)|\*\*|[A-Za-z0-9_./-]*\.md", "", CODE.sub("", korean.read_text()))
    for paragraph in prose.split("\n\n"):
        words = re.findall(r"[A-Za-z]{3,}|[가-힣]+", paragraph)
        foreign = [word for word in words if word.isascii()]
        assert len(foreign) * 2 <= len(words) or len(words) < 6, paragraph


def test_the_readme_and_the_first_page_lead_to_the_korean_one():
    assert "](docs/ko/README.md)" in (ROOT / "README.md").read_text()
    assert "](ko/README.md)" in (ROOT / "docs" / "index.md").read_text()


def test_every_address_on_the_first_day_exists():
    from django.urls import resolve

    for address in names(ROOT / "docs" / "first-day.md"):
        if address.startswith("/") and len(address) > 1:
            assert resolve(address.partition("?")[0])
