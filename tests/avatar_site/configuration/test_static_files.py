from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from avatar_site.configuration import static_files
from avatar_site.supervisor import preparation


@pytest.fixture
def source(settings, tmp_path) -> Path:
    """A script that an upgrade changes, in a project whose static files are collected below tmp_path."""
    (tmp_path / "source").mkdir()
    script = tmp_path / "source" / "a.js"
    script.write_text("export const a = 1;")
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    return script


def collected(settings) -> list[str]:
    return sorted(path.name for path in settings.STATIC_ROOT.glob("a.*.js"))


def test_static_files_are_collected_anew_when_their_sources_have_changed(source, settings):
    assert not static_files.are_current()
    preparation.collect_static_files(print)
    assert static_files.are_current()
    (old,) = collected(settings)
    source.write_text("export const a = 2;")
    assert not static_files.are_current()
    preparation.collect_static_files(print)
    assert static_files.are_current()
    # The old one stays, for pages that were loaded before.
    assert old in collected(settings)
    assert len(collected(settings)) == 2


@pytest.fixture
def denied(monkeypatch):
    def deny(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(preparation, "file_lock", deny)


@pytest.mark.usefixtures("denied")
def test_what_cannot_be_collected_is_one_line(source):
    with pytest.raises(ImproperlyConfigured, match=r"collected: cannot be used \(Permission denied\)"):
        preparation.collect_static_files(print)


def test_where_older_ones_are_there_it_is_a_warning(source, request):
    preparation.collect_static_files(print)
    source.write_text("export const a = 2;")
    request.getfixturevalue("denied")
    said = []
    preparation.collect_static_files(said.append)
    (line,) = said
    assert line.startswith("Warning: the collected static files are older than their sources")
