import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from dashboard import bundles
from tests.monitoring.conftest import redis, redis_url, valkey  # noqa: F401


@pytest.fixture(autouse=True)
def plain_static_files(settings, tmp_path):
    """Pages are rendered without collected files; tests of the files themselves collect them."""
    bundles.forget()
    settings.STATIC_ROOT = tmp_path / "nothing-collected"
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.STORAGES = storages
    yield
    bundles.forget()


@pytest.fixture
def stranger(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("stranger"))
    return client


@pytest.fixture
def viewer(db) -> Client:
    user = User.objects.create_user("viewer")
    user.user_permissions.add(Permission.objects.get(content_type__app_label="avatar_monitoring", codename="view_live"))
    client = Client()
    client.force_login(user)
    return client


HOSTS_APPS = ["dashboard", "monitoring", *(f"django.contrib.{name}" for name in (
    "admin", "auth", "contenttypes", "sessions", "messages", "staticfiles"
))]  # fmt: skip
HOSTS_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]


@pytest.fixture
def host(settings):
    """A project with the least that Django needs: no context processors, no other setting of ours."""
    settings.INSTALLED_APPS = HOSTS_APPS
    settings.MIDDLEWARE = HOSTS_MIDDLEWARE
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    settings.ROOT_URLCONF = "tests.dashboard.hosts.plain"
    settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
    settings.LOGIN_URL = "/accounts/login/"
    settings.REDIS_URL = None
    return settings
