import pytest
from django.test import Client

PATHS = ["/live/past/", "/live/past/moment/"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_strangers_get_an_error_in_json(client: Client, path: str):
    response = client.get(path)
    assert (response.status_code, response.json()) == (401, {"error": "You are no longer signed in"})


@pytest.mark.parametrize("path", PATHS)
def test_it_names_the_permission_that_is_missing(stranger: Client, path: str):
    response = stranger.get(path)
    assert (response.status_code, response.json()) == (
        403,
        {"error": "This needs the permission avatar_monitoring.view_live"},
    )


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_changed_and_no_answer_is_cached(viewer: Client, path: str):
    assert viewer.post(path).status_code == 405
    assert viewer.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "clients/", "alerts/", "trends/export/", "api/docs"])
def test_where_nobody_can_sign_in_the_page_says_what_to_set(host, client: Client, path: str):
    host.LOGIN_URL = "nowhere"
    response = client.get(f"/monitoring/{path}", headers={"accept": "text/html"})
    assert response.status_code == 401
    text = response.content.decode()
    assert "Nobody can sign in here" in text
    assert "<code>LOGIN_URL = nowhere</code>" in text


def test_a_project_that_knows_no_users_is_told_which_middleware_it_lacks(host, viewer: Client):
    host.MIDDLEWARE = []
    response = viewer.get("/monitoring/")
    assert response.status_code == 401
    assert "django.contrib.auth.middleware.AuthenticationMiddleware" in response.content.decode()


def test_a_bad_address_is_answered_in_the_packages_own_words(host, viewer: Client):
    for path in ("trends/?range=2w", "trends/export/?range=2w", "clients/?page=x"):
        response = viewer.get(f"/monitoring/{path}")
        assert response.status_code == (200 if "clients" in path else 400)
        if response.status_code == 400:
            assert "range=2w: must be one of" in response.content.decode()
