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
    """Forgets all callers."""


def request(user=None, accept: str = "*/*", **headers: str):
    found = RequestFactory().get("/api/series", headers={"Accept": accept, **headers})
    found.user = user or AnonymousUser()
    return found


def with_token(token: str, user=None):
    return request(user, Authorization=f"Bearer {token}")


def viewer() -> User:
    user = User.objects.create_user("viewer")
    user.user_permissions.add(Permission.objects.get(content_type__app_label="avatar_monitoring", codename="view_live"))
    return user


def refused(asked) -> Refused:
    with pytest.raises(Refused) as caught:
        admit(asked)
    return caught.value


def test_a_known_token_is_admitted():
    assert admit(with_token(TOKEN)).startswith("token ")


def test_a_callers_name_does_not_reveal_the_token():
    assert TOKEN not in admit(with_token(TOKEN))


@pytest.mark.parametrize(
    "token", ["", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), f"another-token-of-no-use,{TOKEN}", "é"]
)
def test_an_unknown_token_is_refused(token):
    found = refused(with_token(token))
    assert (found.status, found.headers) == (401, {"WWW-Authenticate": "Bearer"})


def test_without_tokens_in_the_settings_none_is_accepted(settings):
    settings.AVATAR_MONITORING = {}
    assert refused(with_token("")).status == 401
    assert refused(with_token(TOKEN)).status == 401


def test_a_wrong_token_takes_precedence_over_a_signed_in_user():
    assert refused(with_token("x", viewer())).body["error"] == "unknown_token"


def test_a_user_with_the_permission_is_admitted():
    user = viewer()
    assert admit(request(user)) == f"user {user.pk}"


def test_an_anonymous_caller_is_told_how_to_sign_in():
    found = refused(request())
    assert (found.status, found.body["error"]) == (401, "not_signed_in")
    assert "Authorization: Bearer" in found.body["message"]


def test_a_user_without_the_permission_is_told_which_one_is_missing():
    found = refused(request(User.objects.create_user("stranger")))
    assert (found.status, found.body["error"]) == (403, "not_allowed")
    assert "avatar_monitoring.view_live" in found.body["message"]


def test_another_scheme_is_not_a_token():
    assert refused(request(Authorization=f"Basic {TOKEN}")).body["error"] == "not_signed_in"


def test_after_thirty_requests_at_once_a_caller_waits_a_second(no_request_is_regained):
    for _ in range(30):
        admit(with_token(TOKEN))
    found = refused(with_token(TOKEN))
    assert (found.status, found.headers) == (429, {"Retry-After": "1"})


def test_guessing_tokens_is_limited_and_does_not_affect_valid_ones(no_request_is_regained):
    assert [refused(with_token("guess")).status for _ in range(31)] == [401] * 30 + [429]
    assert admit(with_token(TOKEN))


def test_one_callers_requests_do_not_affect_another(no_request_is_regained):
    for _ in range(30):
        admit(with_token(TOKEN))
    assert admit(request(viewer()))


def test_the_number_of_remembered_callers_is_limited(monkeypatch):
    monkeypatch.setattr(access, "MOST_CALLERS", 2)
    limiter = Limiter()
    for caller in ("ada", "bob", "eve", "ada"):
        limiter.check(caller)
    assert list(limiter._buckets) == ["eve", "ada"]


def test_a_guarded_view_answers_admitted_callers():
    view = guarded(lambda _request: HttpResponse("in"))
    assert view(with_token(TOKEN)).content == b"in"
    assert view(request()).status_code == 401


def test_a_browser_is_sent_to_the_sign_in_page():
    answer = guarded(lambda _request: HttpResponse("in"))(request(accept="text/html,*/*"))
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/api/series")
