"""Which modules a page's scripts import, and where the browser finds them, so that it can ask for all of them at once.

Left alone it learns of a module only when the one that imports it has arrived: a round trip for each level of imports.
The graph is read from the sources, which every project that shows these pages has, whatever storage it has collected
them with, or whether it has.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath, relpath
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.staticfiles import finders

from dashboard.assets import asset, renames_imports

IMPORT = re.compile(r"""^(?:import|export)\b(?:[^"'`;]*?\bfrom)?\s*["'](\.[^"']+)["']""", re.MULTILINE)


def modules(entry: str) -> list[str]:
    """The names, as static files, of an entry module and of all that it imports, level by level."""
    found = [entry]
    for name in found:
        found += [imported for imported in imports_of(name) if imported not in found]
    return found


def imports_of(name: str) -> list[str]:
    """The names of the modules that a module imports; none of one whose source is not there, such as a library's."""
    path = finders.find(name)
    if path is None:
        return []
    return [normpath(join(dirname(name), specifier)) for specifier in IMPORT.findall(Path(path).read_text())]


def addresses(entry: str) -> list[str]:
    """The URLs at which the browser asks for the modules that the entry imports."""
    # Sources change only under a developer's hands.
    names = modules(entry) if settings.DEBUG else known_modules(entry)
    return [url for name in names[1:] if (url := _collected_address(name, entry))]


known_modules = cache(modules)


def _collected_address(name: str, entry: str) -> str | None:
    try:
        return imported_address(name, entry)
    except ValueError:
        # The sources are newer than what was collected, which does not import this module yet. Links only save time.
        return None


def imported_address(name: str, importer: str) -> str:
    """The URL of a module that another one imports.

    A storage that gives files hashed names writes these into imports only if it is told to. Otherwise the browser takes
    the plain name that it reads there, and a link to the hashed one would have it load the module twice.
    """
    if renames_imports():
        return asset(name)
    return urljoin(asset(importer), relpath(name, dirname(importer)))
