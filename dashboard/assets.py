"""Addresses of the pages' own static files, by whatever storage the project serves them."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import STATICFILES_STORAGE_ALIAS, settings
from django.contrib.staticfiles.storage import HashedFilesMixin
from django.core.files.storage import storages
from django.templatetags.static import static


class MissingAssetError(ValueError):
    """A storage with a list of collected files, such as Django's ManifestStaticFilesStorage, does not have this one."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The static file {name} is missing: run manage.py collectstatic")
        self.name = name


def asset(name: str) -> str:
    """The address of a static file. Raises MissingAssetError if the storage knows that it was not collected."""
    try:
        return static(name)
    except ValueError as error:
        raise MissingAssetError(name) from error


def lasting_asset(name: str) -> str:
    """The address that a static file keeps through all releases, without the hash that some storages add to names."""
    storage: Any = storages[STATICFILES_STORAGE_ALIAS] if apps.is_installed("django.contrib.staticfiles") else None
    if not isinstance(storage, HashedFilesMixin) or has_only_hashed_names():
        return asset(name)
    plain: Any = super(HashedFilesMixin, storage)
    return str(plain.url(name))


def has_only_hashed_names() -> bool:
    """Whether whitenoise keeps no file under its plain name."""
    return bool(getattr(settings, "WHITENOISE_KEEP_ONLY_HASHED_FILES", False))
