"""The site's settings with a test's mail server."""

import os

from avatar_site.settings import *  # noqa: F403

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ["TEST_MAIL_PORT"])
DEFAULT_FROM_EMAIL = "alerts@avatars.example"
