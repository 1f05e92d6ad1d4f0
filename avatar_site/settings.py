"""Django's settings, and the only file of the site that reads the environment."""

import os
from datetime import timedelta
from pathlib import Path

from django.conf.locale import LANG_INFO
from django.utils.translation import to_language

from avatar_site.configuration import private_files
from avatar_site.configuration.database import database, sqlite_file, tuned
from avatar_site.configuration.secrets import cookie_name, persistent_secret
from avatar_site.configuration.service_urls import broker_url, encoded, redis_url, unix_url
from avatar_site.configuration.variables import (
    Environment,
    host_names,
    origins_of,
    secret_key,
    web_origins,
    whole_number,
)
from avatar_site.front.addresses import networks
from avatar_site.logs import redaction
from avatar_site.middleware import PROBES_ALONE
from avatar_site.supervisor.embedded_valkey import socket_path
from monitoring.parsers import boolean, choice, words

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(os.environ, BASE_DIR)

AVATAR_LOG_FORMAT = env.parsed("AVATAR_LOG_FORMAT", "text", choice("text", "json"))

DATA_DIR = env.path("AVATAR_DATA_DIR", "var")
DEBUG = env.parsed("DJANGO_DEBUG", "false", boolean)
SERVED_OVER_HTTPS = env.parsed("DJANGO_HTTPS", "false", boolean)
SECRET_KEY = env.parsed("DJANGO_SECRET_KEY", "", secret_key) or persistent_secret(DATA_DIR / "secret_key")
ALLOWED_HOSTS = env.parsed("DJANGO_ALLOWED_HOSTS", "localhost, 127.0.0.1, [::1]", host_names)

AVATAR_AUTH = env.parsed("AVATAR_AUTH", "open", choice("open", "ticket"))
AVATAR_TRUSTED_PROXIES = env.parsed("AVATAR_TRUSTED_PROXIES", "", networks)
AVATAR_MAX_CONNECTIONS = env.parsed("AVATAR_MAX_CONNECTIONS", "20000", whole_number(1, 1_000_000))
AVATAR_MAX_CONNECTIONS_PER_ADDRESS = env.parsed(
    "AVATAR_MAX_CONNECTIONS_PER_ADDRESS", "1000", whole_number(1, 1_000_000)
)
AVATAR_MAX_MESSAGES_PER_ADDRESS = env.parsed("AVATAR_MAX_MESSAGES_PER_ADDRESS", "2000", whole_number(1, 1_000_000))
# All others are monitoring's, which knows their defaults and what is allowed; unknown ones are reported by its check.
AVATAR_MONITORING = env.unread("AVATAR_")

# A supervised process reports through this pipe that it is alive (pulse.py); its own children must not know it.
PULSE_FD = env.parsed("SITE_PULSE_FD", "", int) if env.text("SITE_PULSE_FD") else None
os.environ.pop("SITE_PULSE_FD", None)

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
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "avatar_site.middleware.BringScreensBack",
    "avatar_site.middleware.RefuseUnstorable",
    "avatar_site.middleware.AnswerWithoutDatabase",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "avatar_site.middleware.CommonMiddlewareButProbes",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

AUTHENTICATION_BACKENDS = ["avatar_site.sign_in.Backend", "django.contrib.auth.backends.ModelBackend"]
# Five wrong passwords lock a pair of user and address for a quarter of an hour (sign_in.py).
AXES_HANDLER = "avatar_site.sign_in.Handler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "avatar_site.sign_in.source"
AXES_LOCKOUT_CALLABLE = "avatar_site.sign_in.locked"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

ROOT_URLCONF = "avatar_site.urls"
ASGI_APPLICATION = "avatar_site.asgi.application"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "avatar_monitoring:live"
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
            ],
        },
    },
]

DATABASES = {"default": tuned(database(env.text("DATABASE_URL"), BASE_DIR, DATA_DIR / "db.sqlite3"))}
if (DATABASE_FILE := sqlite_file(DATABASES["default"])) == DATA_DIR / "db.sqlite3":
    private_files.create_private(DATABASE_FILE)
private_files.make_private(DATA_DIR, DATABASE_FILE)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Without REDIS_URL the site runs its own Valkey on a Unix socket in the data directory (embedded_valkey.py).
EMBEDDED_VALKEY = not env.text("REDIS_URL")
REDIS_URL = unix_url(socket_path(DATA_DIR)) if EMBEDDED_VALKEY else env.parsed("REDIS_URL", "", redis_url)

# Where nodes keep history while Redis is away.
AVATAR_SPILL_DIR = DATA_DIR / "spill"

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "monitoring.fleet.redis_layer.WaitingPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}], "prefix": "avatar"},
    },
}

CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_DEFAULT_QUEUE = "monitoring"
CELERY_TIMEZONE = "UTC"
# Its channel is subscribed to as a pattern, which a Redis user may do only if its own patterns are literally the same.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False

# Browsers send a host's cookies to all its ports, where another site may run.
SESSION_COOKIE_NAME = cookie_name("session", SECRET_KEY)
CSRF_COOKIE_NAME = cookie_name("csrf", SECRET_KEY)
KNOWN_COOKIE_NAME = cookie_name("known", SECRET_KEY)
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

TIME_ZONE = "UTC"
USE_TZ = True
# Of notices, and of pages for a browser that asks for no language of these.
TEXTS = (BASE_DIR / "monitoring" / "locale").glob("*/LC_MESSAGES/djangojs.mo")
LANGUAGE_CODES = ("en", *sorted(to_language(file.parts[-3]) for file in TEXTS))
LANGUAGE_CODE = env.parsed("DJANGO_LANGUAGE", "en", choice(*LANGUAGE_CODES))
LANGUAGES = [(code, LANG_INFO[code]["name_local"]) for code in LANGUAGE_CODES]
LANGUAGE_COOKIE_NAME = cookie_name("language", SECRET_KEY)
LANGUAGE_COOKIE_AGE = 365 * 86_400
LANGUAGE_COOKIE_SAMESITE = "Lax"
# `make messages` writes the dashboard's texts where monitoring has its own: the installed package is one app.
LOCALE_PATHS = [BASE_DIR / "monitoring" / "locale"]
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [("avatar_monitoring/vendor/uplot", BASE_DIR / "node_modules" / "uplot" / "dist")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "avatar_site.configuration.static_files.ModuleStaticFilesStorage"},
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
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
SECURE_REFERRER_POLICY = "same-origin"
if SERVED_OVER_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = PROBES_ALONE
    SECURE_HSTS_SECONDS = env.parsed("DJANGO_HSTS_SECONDS", "86400", whole_number(0, 63_072_000))
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
# Subdomains may belong to other people, and nobody is ever taken off the preload list in time.
# If sources of the static files are missing, whatever needs them says so in one line (static_files.py).
SILENCED_SYSTEM_CHECKS = [
    *("security.W005", "security.W021", "staticfiles.W004", "avatar_monitoring.W011", "avatar_monitoring.W012"),
    "avatar_monitoring.I004",  # start_avatar_web_server runs beat, whose schedule is in celery.py
]
CSRF_TRUSTED_ORIGINS = env.parsed("DJANGO_CSRF_TRUSTED_ORIGINS", "", web_origins) + (
    origins_of(ALLOWED_HOSTS) if SERVED_OVER_HTTPS else []
)

redaction.hide([SECRET_KEY, *words(env.text("AVATAR_API_TOKENS")), *words(env.text("AVATAR_OPERATOR_TOKENS"))])
redaction.hide(redaction.paths_of(f"{env.text('AVATAR_ALERT_URLS')} {env.text('AVATAR_HEARTBEAT_URL')}"))
redaction.hide(redaction.passwords_of(REDIS_URL, encoded(env.text("DATABASE_URL"))))
LOGGING_CONFIG = "avatar_site.logs.handler.configure"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"event": {"()": "avatar_site.logs.log_event.EventFormatter", "form": AVATAR_LOG_FORMAT}},
    "filters": {
        **{name: {"()": "avatar_site.logs.sparing_log.Sparing"} for name in ("sparing", "sparing_uvicorn")},
        "reasonless": {"()": "avatar_site.logs.sparing_log.Reasonless"},
    },
    "handlers": {
        "console": {"class": "avatar_site.logs.handler.LogHandler", "formatter": "event", "filters": ["sparing"]}
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        **{name: {"level": "INFO"} for name in ("monitoring", "avatar_site", "dashboard")},
        # Django gives these handlers of their own, for development.
        **{name: {"level": "INFO", "handlers": [], "propagate": True} for name in ("django", "django.server")},
        "django.request": {"filters": ["reasonless"]},
        "daphne.access": {"level": "INFO"},
        # It may have its own handler, and a line or a traceback for things that clients can cause at will.
        "uvicorn.error": {"filters": ["sparing_uvicorn"]},
        # While Redis is away it would write a traceback every second; monitoring.fleet.bus says so in one line.
        "channels_redis": {"level": "CRITICAL"},
        # So it would while PostgreSQL is away; whatever needed a connection says why there is none.
        "psycopg.pool": {"level": "ERROR"},
        # It writes a line for each wrong password; avatar_site.sign_in writes one when that locks somebody out.
        "axes": {"level": "CRITICAL"},
    },
}
