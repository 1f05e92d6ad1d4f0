"""The avatar site with one more page: the code of docs/custom-dashboard.md, as it stands there.

It is settings and URLs in one, for a server of its own.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from avatar_site.settings import *  # noqa: F403
from avatar_site.settings import BASE_DIR, STATICFILES_DIRS, STORAGES, TEMPLATES

_DOCS = (BASE_DIR / "docs" / "custom-dashboard.md").read_text()
_SETTINGS, _URLS, _TEMPLATE, _SCRIPT = re.findall(r"```(?:python|html|javascript)\n(.*?)```", _DOCS, re.DOTALL)
_FOLDER = tempfile.TemporaryDirectory(prefix="custom-dashboard-")
for _name, _text in (("templates/cpu.html", _TEMPLATE), ("static/cpu.js", _SCRIPT)):
    _file = Path(_FOLDER.name) / _name
    _file.parent.mkdir(parents=True)
    _file.write_text(_text)


def _assigned(code: str, name: str) -> Any:
    found: dict[str, Any] = {"BASE_DIR": BASE_DIR}
    exec(code, found)
    return found[name]


TEMPLATES = [
    {**TEMPLATES[0], "DIRS": [*TEMPLATES[0].get("DIRS", []), Path(_FOLDER.name) / "templates"]},
    *TEMPLATES[1:],
]
STATICFILES_DIRS = [*STATICFILES_DIRS, *_assigned(_SETTINGS, "STATICFILES_DIRS"), Path(_FOLDER.name) / "static"]
# Its static files need not be collected.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
ROOT_URLCONF = "tests.e2e.custom_dashboard_urls"
URLS = _URLS
