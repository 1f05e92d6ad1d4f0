import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from dashboard.viewer_admission import NOT_ALLOWED, NOT_SIGNED_IN, admission
from monitoring.access import PERMISSION
from monitoring.core.address_masks import masked
from monitoring.shown_addresses import ADDRESSES_PERMISSION

pytestmark = pytest.mark.django_db


def handshake(session_key: str) -> dict:
    return {"headers": [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={session_key}".encode())]}


@pytest.fixture
def signed_in() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ada"))
    return client


def refusal(scope: dict) -> int | None:
    return admission(scope).code


def allow(user: User, permission: str = PERMISSION) -> None:
    app, _, codename = permission.partition(".")
    user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))


def test_a_signed_in_person_with_the_permission_may_watch(signed_in):
    allow(User.objects.get())
    assert refusal(handshake(signed_in.session.session_key)) is None


def test_a_signed_in_person_without_the_permission_may_not(signed_in):
    assert refusal(handshake(signed_in.session.session_key)) == NOT_ALLOWED


def test_addresses_are_masked_without_the_permission_for_them(signed_in):
    user, scope = User.objects.get(), handshake(signed_in.session.session_key)
    allow(user)
    assert admission(scope).address_mask is masked
    allow(user, ADDRESSES_PERMISSION)
    assert admission(scope).address_mask is str


def test_for_nobody_addresses_are_masked():
    assert admission({}).address_mask is masked


def test_for_nobody_they_are_masked_where_a_project_lets_anonymous_users_do_anything(monkeypatch):
    monkeypatch.setattr(AnonymousUser, "has_perm", lambda *_: True)
    assert admission({}).address_mask is masked


@pytest.mark.parametrize("key", ["", "unknown", "a\0b"])
def test_an_unknown_session_is_nobody_s(key):
    assert refusal(handshake(key)) == NOT_SIGNED_IN


def test_a_handshake_without_a_cookie_is_nobody_s():
    assert refusal({}) == NOT_SIGNED_IN


def test_a_sign_out_takes_effect_at_the_next_check(signed_in):
    allow(User.objects.get())
    opened = handshake(signed_in.session.session_key)
    signed_in.logout()
    assert refusal(opened) == NOT_SIGNED_IN


def test_cookies_in_several_headers_are_read_together(signed_in):
    allow(User.objects.get())
    (cookie,) = handshake(signed_in.session.session_key)["headers"]
    assert refusal({"headers": [cookie, (b"cookie", b"theme=dark")]}) is None


def test_a_session_of_the_key_before_stays_as_it_is(signed_in, settings):
    allow(User.objects.get())
    key, before = signed_in.session.session_key, dict(signed_in.session.items())
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert refusal(handshake(key)) is None
    assert dict(SessionStore(key).items()) == before


def test_a_session_of_the_password_before_is_nobody_s_and_stays_as_it_is(signed_in):
    key, before = signed_in.session.session_key, dict(signed_in.session.items())
    User.objects.update(password="another")
    assert refusal(handshake(key)) == NOT_SIGNED_IN
    assert dict(SessionStore(key).items()) == before
