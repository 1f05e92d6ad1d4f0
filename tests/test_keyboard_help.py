"""The help of each page (`?`) lists the keys that its scripts listen to, and no others; read from both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_script_architecture import ROOT, SCRIPTS, reached_from

PAGES = ROOT / "dashboard" / "templates" / "avatar_monitoring"
AVATAR = ROOT / "avatar_site" / "templates" / "avatar_site" / "avatar.html"
COMMON = "avatar_monitoring/lib/page.js"
CAPS = {" ": "Space", "Escape": "Esc", "ArrowLeft": "←", "ArrowRight": "→"}
ON_A_CHART = {"←", "→", "+"}
"""What charts/plot_keys.js listens to where a chart has the focus, besides - where there is a wider range."""

EVERYWHERE = {"Esc", "Shift", "Enter"}
"""Esc closes dialogs; the others go with another key, or are those of any button."""

TEMPLATES = {path.stem: path for path in sorted(PAGES.glob("[a-z]*.html")) if "page_scripts" in path.read_text()}
TEMPLATES = {name: path for name, path in TEMPLATES.items() if name not in {"base", "kiosk"}} | {"avatar": AVATAR}


def text_of(path: Path) -> str:
    """A template with the parts that it includes into its help."""
    text = path.read_text()
    charts = (PAGES / "_chart_keys.html").read_text()
    stays = re.sub(r"{% if not stays %}.*{% endif %}", "", charts)
    text = re.sub(r'{% include "avatar_monitoring/_chart_keys.html" with stays=True %}', lambda _: stays, text)
    return re.sub(r'{% include "avatar_monitoring/_chart_keys.html" %}', lambda _: charts, text)


def listed(path: Path) -> set[str]:
    found = re.search(r"{% block keys %}(.*?){% endblock %}\n", text_of(path), re.DOTALL)
    return set(re.findall(r"<kbd>(.+?)</kbd>", found[1])) if found else set()


def listened_to(path: Path) -> set[str]:
    """The keys of the page's own scripts, without those of every page."""
    reached = reached_from(set(re.findall(r"'([\w/]+\.js)'", path.read_text()))) - {COMMON}
    texts = {name: SCRIPTS[name] for name in reached if name in SCRIPTS}
    keys = {CAPS.get(key, key) for text in texts.values() for key in re.findall(r'onKey\("(.+?)"', text)}
    if any("onKey(String(index + 1)" in text for text in texts.values()):
        keys.add("1")
    if "avatar_monitoring/charts/plot_keys.js" in reached:
        keys |= ON_A_CHART
        widens = any(re.search(r"onWiden: (?!\(\) => \{\})|onReset: \(\) =>", text) for text in texts.values())
        keys |= {"-"} if widens else set()
    return keys


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_help_of_a_page_lists_its_keys_and_no_others(name):
    path = TEMPLATES[name]
    # The last of a range of digits depends on how many there are; the arrows of the stage are no shortcuts.
    ends = {"4", "{{ expressions|length }}"} | ({"←", "→", "↑", "↓"} if name == "avatar" else set())
    assert listed(path) - EVERYWHERE - ends == listened_to(path) - EVERYWHERE


def test_what_every_page_listens_to_is_in_the_help_of_every_page():
    base = (PAGES / "base.html").read_text()
    keys = set(re.findall(r'onKey\("(.+?)"', SCRIPTS[COMMON]))
    goes = set(re.findall(r'data-go="(\w)"', base))
    dialog = base[base.index('<dl class="keys">') : base.index("</dl>", base.index('<dl class="keys">'))]
    assert set(re.findall(r"<kbd>(.+?)</kbd>", dialog)) == keys | goes | {"g", "Esc"}
