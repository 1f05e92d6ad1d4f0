"""The catalogues of texts: they have every text of templates, modules and scripts, translated, and are compiled."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import django
import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("monitoring", "avatar_site")
CATALOGUES = sorted(path.relative_to(ROOT) for app in APPS for path in ROOT.glob(f"{app}/locale/*/LC_MESSAGES/*.po"))
MAKE = re.compile(r"\$\(BIN\)/python manage\.py (makemessages .*?) \|\| exit", re.S)
QUOTED = re.compile(r'"(.*)"$')
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?[a-z]+|%%")

pytestmark = pytest.mark.skipif(
    not shutil.which("msgfmt") and os.environ.get("CI") != "true", reason="needs gettext: tests/install_tools.sh"
)


def entries(catalogue: Path) -> Iterator[dict[str, str]]:
    """The entries, each with its comments under "#", without the first one, which is about the file."""
    for block in catalogue.read_text().split("\n\n")[1:]:
        found, name = {"#": ""}, "#"
        for line in filter(None, block.splitlines()):
            if line.startswith("#"):
                found["#"] += line
                continue
            name = line.partition(" ")[0] if not line.startswith('"') else name
            text = QUOTED.search(line)
            assert text, line
            found[name] = found.get(name, "") + text[1]
        yield found


def translated(entry: dict[str, str]) -> list[str]:
    return [text for name, text in entry.items() if name.startswith("msgstr")]


def whole(catalogue: Path) -> set[tuple[str, str, str]]:
    return {(one.get("msgctxt", ""), one["msgid"], one.get("msgid_plural", "")) for one in entries(catalogue)}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory) -> Path:
    """A copy of the sources whose catalogues `make messages` has just written."""
    copy = tmp_path_factory.mktemp("sources")
    for name in ("avatar_site", "dashboard", "monitoring"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    shutil.copy(ROOT / "manage.py", copy)
    make = MAKE.search((ROOT / "Makefile").read_text())
    assert make
    command = make[1].replace("\\\n", "").replace("'", "").split()
    own = {"AVATAR_DATA_DIR": str(copy / "data"), "DJANGO_SETTINGS_MODULE": "avatar_site.settings"}
    for domain in ("django", "djangojs"):
        given = [domain if part == "$$domain" else part for part in command]
        subprocess.run([sys.executable, "manage.py", *given], cwd=copy, env=os.environ | own, check=True, timeout=300)
    return copy


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=str)
def test_a_catalogue_has_exactly_the_texts_that_are_in_the_sources(fresh, catalogue):
    assert whole(ROOT / catalogue) == whole(fresh / catalogue), "run `make messages`, and translate what is new"


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=str)
def test_every_text_is_translated_and_none_is_a_guess(catalogue):
    found = list(entries(ROOT / catalogue))
    assert [one["msgid"] for one in found if not all(translated(one))] == []
    assert [one["msgid"] for one in found if "fuzzy" in one["#"] or one["#"].startswith("#~")] == []


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=str)
def test_a_translation_has_the_placeholders_and_the_markup_of_its_text(catalogue):
    for one in entries(ROOT / catalogue):
        needed = {*PLACEHOLDER.findall(one["msgid"])}
        allowed = needed | {*PLACEHOLDER.findall(one.get("msgid_plural", ""))}
        for text in translated(one):
            assert needed <= {*PLACEHOLDER.findall(text)} <= allowed, one["msgid"]


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=str)
def test_what_is_compiled_is_what_is_written(catalogue, tmp_path):
    compiled = tmp_path / "texts.mo"
    subprocess.run(["msgfmt", "--check", "-o", compiled, ROOT / catalogue], check=True, timeout=60)
    assert texts_of(compiled) == texts_of((ROOT / catalogue).with_suffix(".mo"))


def texts_of(compiled: Path) -> dict[object, str]:
    with compiled.open("rb") as file:
        found = dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]
    found.pop("", None)
    return found


@pytest.mark.parametrize("catalogue", [one for one in CATALOGUES if one.name == "django.po"], ids=str)
def test_a_text_that_django_has_too_is_translated_as_django_does(catalogue):
    """Catalogues of all apps are one at run time: ours must not change what another project's admin says."""
    language = catalogue.parts[-3]
    known: dict[object, set[str]] = {}
    for path in Path(django.__file__).parent.rglob(f"locale/{language}/LC_MESSAGES/django.mo"):
        for text, translation in texts_of(path).items():
            known.setdefault(text, set()).add(translation)
    ours = texts_of((ROOT / catalogue).with_suffix(".mo"))
    assert {text: ours[text] for text in ours.keys() & known.keys() if ours[text] not in known[text]} == {}
