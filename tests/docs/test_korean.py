"""The Korean pages say what the English ones do: the same headings, commands and links."""

import re

import pytest

from tests.docs.pages import ROOT, page

PAIRS = {"README": (ROOT / "README.md").read_text(), "first-day": page("first-day.md")}
ONLY_ENGLISH = {"CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "ko/README.md"}
ONLY_KOREAN = {"languages.md", "index.md", "first-day.md", "run.md", "deployment.md", "notifications.md"}
"""The Korean README names them once more, or instead."""


def korean(name: str) -> str:
    return page(f"ko/{name}.md")


def code(text: str) -> list[str]:
    """The blocks of code without what is said in them to people."""
    blocks = re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(r" +# .*", "", block) if block.startswith("```bash") else block for block in blocks]


def targets(text: str) -> set[str]:
    """What it links to, from the folder of the docs."""
    found = re.findall(r"\]\((?!https?:|#)([^)\s]+)\)", text)
    return {re.sub(r"^(?:\.\./|docs/)", "", target) for target in found}


@pytest.mark.parametrize("name", PAIRS)
def test_a_korean_page_has_the_headings_of_the_english_one(name):
    levels = [re.findall(r"^(#+) ", text, re.MULTILINE) for text in (PAIRS[name], korean(name))]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("name", PAIRS)
def test_a_korean_page_has_the_commands_of_the_english_one(name):
    assert code(PAIRS[name]) == code(korean(name))


@pytest.mark.parametrize("name", PAIRS)
def test_a_korean_page_leads_where_the_english_one_does(name):
    missing = targets(PAIRS[name]) - targets(korean(name)) - ONLY_ENGLISH
    more = targets(korean(name)) - targets(PAIRS[name]) - ONLY_KOREAN
    assert (missing, more) == (set(), set())


@pytest.mark.parametrize("name", PAIRS)
def test_every_sentence_of_a_korean_page_is_korean(name):
    prose = re.sub(r"^```.*?^```", "", korean(name), flags=re.MULTILINE | re.DOTALL)
    paragraphs = [text for text in re.split(r"\n\s*\n", prose) if len(re.findall(r"[A-Za-z]{3,}", text)) > 5]
    assert [text for text in paragraphs if not re.search(r"[가-힣]", text)] == []
