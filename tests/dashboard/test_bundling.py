"""Bundles of modules and style sheets, made by the real esbuild."""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings as site
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.template import engines

from avatar_site.settings import STORAGES
from dashboard import bundles, bundling
from dashboard.bundling import Scripts, Styles

SOURCES = {
    "pages/first.js": (
        'import { a } from "./parts/a.js";\nglobalThis.told = [`first ${a}`];\nexport const order = globalThis.told;\n'
    ),
    "pages/early.js": 'import { order } from "./first.js";\norder.push("early");\n',
    "pages/page.js": (
        'import { order } from "./first.js";\nimport { a } from "./parts/a.js";\norder.push(`page ${a}`);\n'
    ),
    "pages/parts/a.js": "// A comment that is not shipped.\nexport const a = 1;\n",
    "pages/a.css": "body { color: red; }\n",
    "pages/b.css": "body { color: blue; }\n",
}
TAGS = """{% page_scripts 'pages/page.js' first='pages/first.js' early='pages/early.js' %}
{% page_styles 'pages/a.css' 'pages/b.css' %}"""
PAGE = Scripts(("pages/page.js",), "pages/first.js", "pages/early.js")
PROGRAM = bundling.esbuild(site.BASE_DIR / "node_modules")


@pytest.fixture(autouse=True)
def sources(settings, tmp_path):
    """A project whose only static files are those above, with a template that shows them."""
    for name, text in {**SOURCES, "page.html": TAGS}.items():
        file = tmp_path / "sources" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    settings.STATICFILES_DIRS = [tmp_path / "sources"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": STORAGES["staticfiles"]}
    bundles.forget()
    return tmp_path / "sources"


@pytest.fixture
def collected(sources, settings, monkeypatch):
    monkeypatch.setattr("avatar_site.configuration.static_files.templates", lambda: [sources / "page.html"])
    call_command("collectstatic", "--noinput", verbosity=0)
    return settings.STATIC_ROOT


def rendered() -> str:
    return engines["django"].from_string("{% load avatar_monitoring %}" + TAGS).render()


def addresses(html: str) -> list[str]:
    return re.findall(r'(?:src|href)="/static/([^"]+)"', html)


def test_templates_say_what_is_bundled(sources):
    assert bundling.wanted([sources / "page.html"]) == [PAGE, Styles(("pages/a.css", "pages/b.css"))]


def test_every_page_of_ours_can_be_bundled():
    templates = (site.BASE_DIR / "dashboard" / "templates").rglob("*.html")
    pages = bundling.wanted(templates)
    assert len(pages) > 8
    for name in (name for page in pages for name in page.sources if "vendor" not in name):
        assert (site.BASE_DIR / "dashboard" / "static" / name).is_file(), name


def test_a_page_has_its_bundles_and_no_module(collected):
    html = rendered()
    assert all(name.startswith(f"{bundling.FOLDER}/") for name in addresses(html))
    assert all((collected / name).is_file() for name in addresses(html))
    assert html.count("<script") == 3
    assert html.count('rel="stylesheet"') == 1


def test_what_was_first_early_and_on_the_page_runs_in_this_order_and_once(collected):
    names = re.findall(r'<script type="module"(?: async)? src="/static/([^"]+)">', rendered())
    code = "".join(f'await import("{collected / name}");' for name in names) + "console.log(told.join());"
    said = subprocess.run(["node", "--input-type=module", "-e", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "first 1,early,page 1"


def test_imports_of_bundles_have_the_names_under_which_pages_link_to_them(collected):
    linked = set(addresses(rendered()))
    for name in linked:
        for imported in re.findall(r'(?:from|import)\s*"\./([^"]+)"', (collected / name).read_text()):
            assert f"{bundling.FOLDER}/{imported}" in linked


def test_comments_are_left_out_and_licences_are_not(collected):
    texts = [path.read_text() for path in (collected / bundling.FOLDER).glob("*.js")]
    assert not any("not shipped" in text for text in texts)
    assert any("uPlot (MIT)" in text for text in texts)


def test_style_sheets_keep_their_order(collected):
    (sheet,) = [name for name in addresses(rendered()) if name.endswith(".css")]
    assert "#00f" in (collected / sheet).read_text().replace("blue", "#00f").split("}")[1]


def test_in_debug_mode_a_page_has_its_modules(collected, settings):
    settings.DEBUG = True
    assert {"pages/page.js", "pages/a.css", "pages/b.css"} <= set(addresses(rendered()))


def test_without_a_bundler_a_page_has_its_modules(sources, settings, monkeypatch, capsys):
    monkeypatch.setattr("avatar_site.configuration.static_files.bundler", lambda: None)
    call_command("collectstatic", "--noinput", verbosity=0)
    assert "esbuild is missing (npm ci)" in capsys.readouterr().err
    assert staticfiles_storage.url("pages/page.js").removeprefix("/static/") in addresses(rendered())


def test_bundles_that_were_not_collected_yet_are_not_used(collected, settings):
    for file in (collected / bundling.FOLDER).iterdir():
        if file.suffix != ".json":
            file.unlink()
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    bundles.forget()
    assert "pages/page.js" in addresses(rendered())


def test_a_module_that_cannot_be_read_is_an_error_that_names_it(tmp_path):
    assert PROGRAM is not None
    with pytest.raises(RuntimeError, match=r"esbuild could not bundle .*gone\.js"):
        bundling.bundle(tmp_path, [Scripts(("pages/gone.js",))], Path(PROGRAM))


def test_a_machine_for_which_there_is_no_esbuild_has_none(tmp_path):
    assert bundling.esbuild(tmp_path) is None
