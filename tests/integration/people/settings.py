"""Chosen by environment variables: PEOPLE_DIRECTORY, PEOPLE_USER, PEOPLE_STATIC."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent.parent

SECRET_KEY = "only for a test"
ALLOWED_HOSTS = ["*"]
AUTH_USER_MODEL = f"people.{os.environ.get('PEOPLE_USER', 'Person')}"
HAS_ADMIN = AUTH_USER_MODEL == "people.Person"
INSTALLED_APPS = [
    "tests.integration.people",
    *(["django.contrib.admin"] if HAS_ADMIN else []),
    *(f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "messages", "staticfiles")),
    "channels",
    "monitoring",
    "dashboard",
]
MIDDLEWARE = [
    "tests.integration.people.policy.strict",
    *(["whitenoise.middleware.WhiteNoiseMiddleware"] if os.environ.get("PEOPLE_STATIC") != "missing" else []),
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
SESSION_COOKIE_NAME = "their_session"
CSRF_COOKIE_NAME = "their_csrf"
APPEND_SLASH = False
ROOT_URLCONF = "tests.integration.people.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "string_if_invalid": "INVALID",
            "context_processors": [
                f"django.{name}"
                for name in (
                    "template.context_processors.request",
                    "contrib.auth.context_processors.auth",
                    "contrib.messages.context_processors.messages",
                )
            ],
        },
    }
]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(os.environ["PEOPLE_DIRECTORY"]) / "db.sqlite3"}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE, USE_THOUSAND_SEPARATOR, TIME_ZONE = "de", True, "Europe/Berlin"
STATIC_URL = "their-files/"
STATICFILES_DIRS = [("avatar_monitoring/vendor/uplot", ROOT / "node_modules" / "uplot" / "dist")]
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
