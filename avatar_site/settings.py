"""Django's settings, and the only file that reads the environment."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from avatar_site.database import tuned
from avatar_site.embedded import socket_path
from avatar_site.secret import persistent_secret
from monitoring.conf import boolean, choice, parse_variable

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def flag(name: str, *, default: bool) -> bool:
    return bool(parse_variable(name, os.environ.get(name, str(default)), boolean))


DATA_DIR = Path(os.environ.get("AVATAR_DATA_DIR", BASE_DIR / "var")).resolve()
DEBUG = flag("DJANGO_DEBUG", default=False)
SERVED_OVER_HTTPS = flag("DJANGO_HTTPS", default=False)
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or persistent_secret(DATA_DIR / "secret_key")
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

AVATAR_AUTH = parse_variable("AVATAR_AUTH", os.environ.get("AVATAR_AUTH", "open"), choice("open", "ticket"))
SITE_VARIABLES = {"AVATAR_AUTH", "AVATAR_DATA_DIR"}
AVATAR_MONITORING = {
    name: value for name, value in os.environ.items() if name.startswith("AVATAR_") and name not in SITE_VARIABLES
}

INSTALLED_APPS = [
    "avatar_site",
    "dashboard",
    "monitoring",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "ninja",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "avatar_site.unstorable.RefuseUnstorable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "avatar_site.urls"
ASGI_APPLICATION = "avatar_site.asgi.application"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard:live"
LOGOUT_REDIRECT_URL = "login"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "avatar_site.first_steps.first_steps",
            ],
        },
    },
]

DATABASES = {"default": tuned(env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Without REDIS_URL the site runs a Valkey of its own on a Unix socket under the data directory (embedded.py).
EMBEDDED_VALKEY = "REDIS_URL" not in os.environ
REDIS_URL = os.environ.get("REDIS_URL") or f"unix://{socket_path(DATA_DIR)}?db=0"
if urlsplit(REDIS_URL).scheme not in ("redis", "rediss", "unix"):
    raise ImproperlyConfigured(
        f"REDIS_URL={REDIS_URL}: allowed is a URL that begins with redis://, rediss:// or unix://"
    )

# Where nodes keep history while Redis is away.
AVATAR_SPILL_DIR = DATA_DIR / "spill"

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "avatar_site.channel_layer.WaitingPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}], "prefix": "avatar"},
    },
}

# Celery spells a Unix socket its own way.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_DEFAULT_QUEUE = "monitoring"
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [("vendor/uplot", BASE_DIR / "node_modules" / "uplot" / "dist")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "avatar_site.static_files.ModuleStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if SERVED_OVER_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        **{name: {"level": "INFO"} for name in ("monitoring", "avatar_site", "dashboard")},
        # While Redis is away it would write a traceback each second; monitoring.bus says so in one line.
        "channels_redis": {"level": "CRITICAL"},
    },
}
