import pytest


@pytest.fixture(autouse=True)
def site_of_one_name(settings):
    settings.ALLOWED_HOSTS = ["avatars.example.com"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_are_answered_on_any_address(client, path):
    assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code not in (301, 400)


def test_other_requests_are_not(client):
    assert client.get("/login/", headers={"host": "10.0.0.7:8000"}).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/metrics", 401), ("/login/", 301)])
def test_probes_are_not_redirected_to_https(client, settings, path, status):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
    assert client.get(path, headers={"host": "avatars.example.com"}).status_code == status
