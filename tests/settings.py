"""The site's settings with a data directory of the test run's own."""

import os
import tempfile

data = tempfile.TemporaryDirectory(prefix="avatar-tests-")
os.environ["AVATAR_DATA_DIR"] = data.name
for name in ("REDIS_URL", "DATABASE_URL"):
    os.environ.pop(name, None)

from avatar_site.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
