"""The site's secret key, generated at the first start and kept in the data directory, and the names of its cookies."""

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from avatar_site.configuration.private_files import give_to_owner_of


def persistent_secret(path: Path) -> str:
    """The key in the file, which is created if missing, readable by its owner only.

    Raises ImproperlyConfigured if the data directory cannot be used or the file is empty.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            # Several processes may start at once, in containers with the same process id: each writes its own file, and
            # the first link wins.
            draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                give_to_owner_of(path.parent, file.fileno())
                file.write(get_random_secret_key())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        key = path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"AVATAR_DATA_DIR={path.parent}: cannot be used ({error.strerror})") from error
    if not key:
        raise ImproperlyConfigured(f"{path} is empty: delete it, or set DJANGO_SECRET_KEY")
    return key


def cookie_name(purpose: str, secret: str) -> str:
    """`avatar_session_…`, the same on every node of a site, because all have the site's secret key."""
    digest = hashlib.blake2b(b"cookies", key=hashlib.sha256(secret.encode()).digest(), digest_size=4)
    return f"avatar_{purpose}_{digest.hexdigest()}"
