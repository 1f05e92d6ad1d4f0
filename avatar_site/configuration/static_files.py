"""Static files under names that contain a hash of their content, including JavaScript modules' imports of each other.

The collected files record which sources they were made from, so a start after an upgrade knows when to collect again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from whitenoise.storage import CompressedManifestStaticFilesStorage

from dashboard import bundling

FINGERPRINT = "sources.blake2"
PAGES = ("dashboard", "avatar_site")


class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True

    def post_process(self, paths: Any, dry_run: bool = False, **options: Any) -> Iterator[Any]:
        program = bundler()
        if program and not dry_run:
            # The collected modules lie where they find each other and uPlot.
            pages = [page for page in bundling.wanted(templates()) if all(name in paths for name in page.sources)]
            names = bundling.bundle(Path(self.location), pages, program)
            paths = {**paths, **{name: (self, name) for name in names}}
        yield from super().post_process(paths, dry_run, **options)
        if not dry_run:
            (Path(self.location) / FINGERPRINT).write_text(fingerprint())


def bundler() -> Path | None:
    return bundling.esbuild(settings.BASE_DIR / "node_modules")


def templates() -> list[Path]:
    """The templates of the pages, which name their scripts and styles."""
    return [path for app in PAGES for path in (settings.BASE_DIR / app / "templates").rglob("*.html")]


def are_current() -> bool:
    """Whether the collected files are the ones that would be collected now."""
    try:
        return (Path(settings.STATIC_ROOT) / FINGERPRINT).read_text() == fingerprint()
    except FileNotFoundError:
        return False


def missing_source() -> str | None:
    """One line that says what to do if a library of the pages' scripts is not installed."""
    for entry in settings.STATICFILES_DIRS:
        directory = entry[1] if isinstance(entry, tuple) else entry
        if not Path(directory).is_dir():
            return f"{directory} is missing: run `npm ci` in {settings.BASE_DIR}"
    return None


def fingerprint() -> str:
    """A digest of the names and contents of all static files of the installed apps, and of what is bundled of them."""
    digest = hashlib.blake2b(digest_size=16)
    sources = {path: storage for finder in get_finders() for path, storage in finder.list([])}
    for path in sorted(sources):
        digest.update(f"{path}\0".encode() + hashlib.blake2b(Path(sources[path].path(path)).read_bytes()).digest())
    digest.update(repr((bundler() is not None, bundling.wanted(templates()))).encode())
    digest.update(Path(bundling.__file__).read_bytes())
    return digest.hexdigest()
