"""What a page links to must be what its browser asks for, with every storage that a project may have."""

import re
from pathlib import Path
from posixpath import relpath
from urllib.parse import urljoin

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from avatar_site.settings import STORAGES
from dashboard.module_graph import addresses, imported_address, known_modules, modules

PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
HASHED = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
WHITENOISE = "whitenoise.storage.CompressedManifestStaticFilesStorage"
REWRITTEN = STORAGES["staticfiles"]["BACKEND"]

SOURCES = {
    "pages/page.js": 'import { a } from "./parts/a.js";\nimport Library from "../vendor/library.js";\n',
    "pages/parts/a.js": 'import {\n    b,\n} from "../parts/b.js";\nexport const text = "import from ./not.js";\n',
    "pages/parts/b.js": 'import { c } from "./c.js";\nimport { d } from "./d.js";\n',
    "pages/parts/c.js": 'import Library from "../../vendor/library.js";\n',
    "pages/parts/d.js": 'export const d = "./neither.js";\n',
    "vendor/library.js": "export default 1;\n",
}


@pytest.fixture(autouse=True)
def sources(settings, tmp_path):
    """A project whose only static files are those above."""
    for name, text in SOURCES.items():
        file = tmp_path / "sources" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    settings.STATICFILES_DIRS = [tmp_path / "sources"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    known_modules.cache_clear()
    yield tmp_path / "sources"
    known_modules.cache_clear()


def collect(settings, storage: str) -> None:
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": storage}}
    call_command("collectstatic", "--noinput", verbosity=0)


def loaded_by_a_browser(url: str, settings) -> list[str]:
    """The URLs of all modules that a browser loads from this one on: it resolves what stands in the collected files."""
    found = [url]
    for address in found:
        text = (Path(settings.STATIC_ROOT) / relpath(address, settings.STATIC_URL)).read_text()
        for specifier in re.findall(r'\b(?:from|import) "(\..+?)"', text):
            if urljoin(address, specifier) not in found:
                found.append(urljoin(address, specifier))
    return found


def test_modules_come_level_by_level_and_once():
    assert modules("pages/page.js") == [
        "pages/page.js",
        "pages/parts/a.js",
        "vendor/library.js",
        "pages/parts/b.js",
        "pages/parts/c.js",
        "pages/parts/d.js",
    ]


def test_imports_for_their_effect_and_exports_of_others_count(sources):
    (sources / "pages/page.js").write_text('import "./parts/c.js";\nexport { d } from "./parts/d.js";\n')
    assert modules("pages/page.js")[1:3] == ["pages/parts/c.js", "pages/parts/d.js"]


def test_modules_that_import_each_other_end_nowhere(sources):
    (sources / "pages/parts/d.js").write_text('import { a } from "./a.js";')
    assert len(modules("pages/page.js")) == len(SOURCES)


def test_a_library_whose_source_is_not_here_is_still_linked(sources):
    (sources / "vendor/library.js").unlink()
    assert "vendor/library.js" in modules("pages/page.js")


@pytest.mark.parametrize("storage", [PLAIN, HASHED, WHITENOISE, REWRITTEN])
def test_the_links_are_the_addresses_that_the_browser_asks_for(settings, storage):
    collect(settings, storage)
    entry = staticfiles_storage.url("pages/page.js")
    assert set(addresses("pages/page.js")) == set(loaded_by_a_browser(entry, settings)[1:])


@pytest.mark.parametrize("storage", [PLAIN, HASHED, REWRITTEN])
def test_a_module_that_runs_first_has_the_address_under_which_others_import_it(settings, storage):
    collect(settings, storage)
    entry = staticfiles_storage.url("pages/page.js")
    assert imported_address("pages/parts/c.js", "pages/parts/c.js") in loaded_by_a_browser(entry, settings)


@pytest.mark.parametrize("storage", [PLAIN, HASHED, REWRITTEN])
def test_in_debug_mode_names_are_plain_and_sources_may_change(settings, sources, storage):
    settings.DEBUG = True
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": storage}}
    assert "/static/pages/parts/d.js" in addresses("pages/page.js")
    (sources / "pages/page.js").write_text('import { d } from "./parts/d.js";')
    assert addresses("pages/page.js") == ["/static/pages/parts/d.js"]


def test_a_module_that_was_not_collected_yet_has_no_link(settings, sources):
    collect(settings, REWRITTEN)
    (sources / "pages/new.js").write_text("")
    (sources / "pages/page.js").write_text('import { d } from "./parts/d.js";\nimport { e } from "./new.js";\n')
    known_modules.cache_clear()
    assert addresses("pages/page.js") == [staticfiles_storage.url("pages/parts/d.js")]


def test_files_may_be_on_another_host(settings):
    settings.STATIC_URL = "https://cdn.example.org/files/"
    assert addresses("pages/page.js")[0] == "https://cdn.example.org/files/pages/parts/a.js"
