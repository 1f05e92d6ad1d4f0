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
