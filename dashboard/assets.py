"""Addresses of the pages' own static files, by whatever storage the project serves them."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import STATICFILES_STORAGE_ALIAS, settings
from django.contrib.staticfiles.storage import HashedFilesMixin, staticfiles_storage
from django.core.files.storage import storages
from django.templatetags.static import static
from django.utils.translation import gettext_noop

COLLECT = gettext_noop("Run `python manage.py collectstatic` and restart the server.")
KEEP_PLAIN_NAMES = gettext_noop(
    "Scripts import each other by their plain names, which WHITENOISE_KEEP_ONLY_HASHED_FILES = True has removed: set "
    "it to False, or give the storage's class support_js_module_import_aggregation = True; then collect again."
)


class MissingAssetError(ValueError):
    """The storage knows that it does not have this static file; `advice` says what to do."""

    def __init__(self, name: str, advice: str = COLLECT) -> None:
        super().__init__(f"The static file {name} is missing. {advice}")
        self.name, self.advice = name, advice


def asset(name: str) -> str:
    """The address of a static file. Raises MissingAssetError if the storage knows that it was not collected."""
    try:
        return static(name)
    except ValueError as error:
        raise MissingAssetError(name) from error


def script(name: str) -> str:
    """The address of a module. Raises MissingAssetError also if what it imports is not there under its plain name."""
    if has_only_hashed_names() and not renames_imports():
        raise MissingAssetError(name, KEEP_PLAIN_NAMES)
    return asset(name)


def renames_imports() -> bool:
    """Whether the storage gives files hashed names and writes these into the imports of scripts, too."""
    return bool(getattr(staticfiles_storage, "support_js_module_import_aggregation", False))


def lasting_asset(name: str) -> str:
    """The address that a static file keeps through all releases, without the hash that some storages add to names."""
    storage: Any = storages[STATICFILES_STORAGE_ALIAS] if apps.is_installed("django.contrib.staticfiles") else None
    if not isinstance(storage, HashedFilesMixin) or has_only_hashed_names():
        return asset(name)
    plain: Any = super(HashedFilesMixin, storage)
    return str(plain.url(name))


def has_only_hashed_names() -> bool:
    """Whether whitenoise keeps no file under its plain name."""
    is_wanted = getattr(settings, "WHITENOISE_KEEP_ONLY_HASHED_FILES", False) and not settings.DEBUG
    return bool(is_wanted) and isinstance(staticfiles_storage, HashedFilesMixin)
