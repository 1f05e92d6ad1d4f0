"""Which bundles of a page's scripts and styles were made and collected. Without them a page has its modules."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import HashedFilesMixin, staticfiles_storage

from dashboard.assets import MissingAssetError, asset
from dashboard.bundling import INDEX, Scripts, Styles


def bundle_of(page: Scripts | Styles) -> dict[str, Any] | None:
    """The names of the files as `bundling.bundle` describes them; None where the page is to have its modules.

    These are what a developer edits, and what is there until the static files are collected again after an upgrade.
    """
    return None if settings.DEBUG else _known().get(page.key)


@cache
def _known() -> dict[str, dict[str, Any]]:
    # The package brings its bundles; those of this repository's site are made when its static files are collected.
    collected = Path(settings.STATIC_ROOT) / INDEX if settings.STATIC_ROOT else None
    for path in (finders.find(INDEX), collected):
        if path and Path(path).is_file():
            index: dict[str, dict[str, Any]] = json.loads(Path(path).read_text())
            return {key: files for key, files in index.items() if all(map(_is_collected, _names(files)))}
    return {}


def _names(files: dict[str, Any]) -> list[str]:
    return [name for each in files.values() for name in (each if isinstance(each, list) else [each])]


def _is_collected(name: str) -> bool:
    storage: Any = staticfiles_storage
    try:
        asset(name)
    except MissingAssetError:
        return False
    if isinstance(storage, HashedFilesMixin) or not getattr(storage, "location", None):
        return True
    return bool(storage.exists(name))


def forget() -> None:
    """For tests, whose files come and go."""
    _known.cache_clear()
