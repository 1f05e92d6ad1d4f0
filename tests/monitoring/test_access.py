import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.http import HttpResponse
from django.test import RequestFactory

from monitoring import access
from monitoring.access import Limiter, Refused, admit, guarded
from tests.monitoring.conftest import TOKEN

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(bearer):
    """Nobody has asked anything yet."""


def request(user=None, accept: str = "*/*", **headers: str):
    found = RequestFactory().get("/api/series", headers={"Accept": accept, **headers})
    found.user = user or AnonymousUser()
    return found


def with_token(token: str, user=None):
    return request(user, Authorization=f"Bearer {token}")


def viewer() -> User:
    user = User.objects.create_user("viewer")
    user.user_permissions.add(Permission.objects.get(content_type__app_label="monitoring", codename="view_live"))
    return user


def refused(asked) -> Refused:
    with pytest.raises(Refused) as caught:
        admit(asked)
    return caught.value


def test_a_known_token_is_admitted():
    assert admit(with_token(TOKEN)).startswith("token ")


def test_a_caller_s_name_does_not_give_the_token_away():
    assert TOKEN not in admit(with_token(TOKEN))


@pytest.mark.parametrize(
    "token", ["", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), f"another-token-of-no-use,{TOKEN}", "é"]
)
def test_any_other_is_not(token):
    found = refused(with_token(token))
    assert (found.status, found.headers) == (401, {"WWW-Authenticate": "Bearer"})


def test_without_tokens_in_the_settings_none_is_known(settings):
    settings.AVATAR_MONITORING = {}
    assert refused(with_token("")).status == 401
    assert refused(with_token(TOKEN)).status == 401


def test_a_wrong_token_counts_whoever_is_signed_in():
    assert refused(with_token("x", viewer())).body["error"] == "unknown_token"


def test_who_may_watch_is_admitted():
    user = viewer()
    assert admit(request(user)) == f"user {user.pk}"


def test_nobody_is_told_how_to_become_somebody():
    found = refused(request())
    assert (found.status, found.body["error"]) == (401, "not_signed_in")
    assert "Authorization: Bearer" in found.body["message"]


def test_who_may_not_watch_is_told_which_permission_is_missing():
    found = refused(request(User.objects.create_user("stranger")))
    assert (found.status, found.body["error"]) == (403, "not_allowed")
    assert "monitoring.view_live" in found.body["message"]


def test_another_scheme_is_no_token():
    assert refused(request(Authorization=f"Basic {TOKEN}")).body["error"] == "not_signed_in"


def test_after_thirty_requests_at_once_a_caller_waits_a_second():
    for _ in range(30):
        admit(with_token(TOKEN))
    found = refused(with_token(TOKEN))
    assert (found.status, found.headers) == (429, {"Retry-After": "1"})


def test_guessing_tokens_is_limited_too_and_costs_those_who_know_one_nothing():
    assert [refused(with_token("guess")).status for _ in range(31)] == [401] * 30 + [429]
    assert admit(with_token(TOKEN))


def test_one_caller_s_requests_cost_another_nothing():
    for _ in range(30):
        admit(with_token(TOKEN))
    assert admit(request(viewer()))


def test_the_callers_that_are_kept_are_bounded(monkeypatch):
    monkeypatch.setattr(access, "MOST_CALLERS", 2)
    limiter = Limiter()
    for caller in ("ada", "bob", "eve", "ada"):
        limiter.check(caller)
    assert list(limiter._buckets) == ["eve", "ada"]


def test_a_guarded_view_answers_who_is_admitted():
    view = guarded(lambda _request: HttpResponse("in"))
    assert view(with_token(TOKEN)).content == b"in"
    assert view(request()).status_code == 401


def test_a_browser_is_sent_to_the_sign_in_page():
    answer = guarded(lambda _request: HttpResponse("in"))(request(accept="text/html,*/*"))
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/api/series")
