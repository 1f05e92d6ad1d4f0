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

FINGERPRINT = "sources.blake2"


class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True

    def post_process(self, paths: Any, dry_run: bool = False, **options: Any) -> Iterator[Any]:
        yield from super().post_process(paths, dry_run, **options)
        if not dry_run:
            (Path(self.location) / FINGERPRINT).write_text(fingerprint())


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
    """A digest of the names and contents of all static files of the installed apps."""
    digest = hashlib.blake2b(digest_size=16)
    sources = {path: storage for finder in get_finders() for path, storage in finder.list([])}
    for path in sorted(sources):
        digest.update(f"{path}\0".encode() + hashlib.blake2b(Path(sources[path].path(path)).read_bytes()).digest())
    return digest.hexdigest()
