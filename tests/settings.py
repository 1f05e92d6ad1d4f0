"""The site's settings with a data directory for this test run."""

import os
import tempfile

data = tempfile.TemporaryDirectory(prefix="avatar-tests-")
os.environ["AVATAR_DATA_DIR"] = data.name
for name in ("REDIS_URL", "DATABASE_URL"):
    os.environ.pop(name, None)
# Set by test_postgres.py, which runs the database tests on a database other than SQLite.
if url := os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = url

# Most tests are about one site, whose name need not be read from a database.
os.environ["AVATAR_SITE"] = "test"

from avatar_site.settings import *  # noqa: E402, F403

# From here on it is in Django's settings, which a test may change; the environment is read once.
del os.environ["AVATAR_SITE"]

# Else each test's client begins by looking at all the collected files, some thousand.
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
