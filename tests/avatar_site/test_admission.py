import pytest
from django.conf import settings
from django.core import signing

from avatar_site import admission as module
from avatar_site.admission import (
    NAME,
    AvatarIdentity,
    NotAdmittedError,
    admit,
    resume_token,
    session_digest,
    ticket_for,
)


@pytest.fixture(autouse=True)
def open_site(settings):
    settings.AVATAR_AUTH = "open"
    settings.AVATAR_MONITORING = {}


def handshake(query: str = "", origin: bytes | None = None) -> dict:
    headers = [(b"host", b"avatars.test"), *([(b"origin", origin)] if origin else [])]
    return {"type": "websocket", "path": "/ws/avatar/", "query_string": query.encode(), "headers": headers}


def refused(query: str = "", origin: bytes | None = None) -> int:
    with pytest.raises(NotAdmittedError) as refusal:
        admit(handshake(query, origin))
    return refusal.value.code


def test_name_and_room_come_from_the_url():
    admission = admit(handshake("client_id=ada&room=attic"))
    assert (admission.client_id, admission.room) == ("ada", "attic")


def test_the_default_room_is_the_lobby_and_the_default_name_is_random():
    admission = admit(handshake())
    assert admission.room == "lobby"
    assert NAME.fullmatch(admission.client_id)


@pytest.mark.parametrize(
    "query", ["client_id=a%20b", "client_id=" + "x" * 65, "room=%3Cb%3E", "client_id=ada&room=a/b"]
)
def test_a_bad_name_or_room_is_refused_with_4400(query):
    assert refused(query) == 4400


def test_the_refusal_says_what_is_allowed():
    with pytest.raises(NotAdmittedError, match=r"client_id=a b: must be 1 to 64 of A-Z a-z 0-9 \. _ : -"):
        admit(handshake("client_id=a%20b"))


def test_pages_of_other_sites_are_refused_with_4403(settings):
    assert refused("client_id=ada", origin=b"https://evil.test") == 4403
    settings.AVATAR_MONITORING = {"AVATAR_ALLOWED_ORIGINS": "https://evil.test"}
    assert admit(handshake("client_id=ada", origin=b"https://evil.test")).client_id == "ada"


def test_the_sites_own_pages_are_admitted():
    assert admit(handshake("client_id=ada", origin=b"https://avatars.test")).client_id == "ada"


@pytest.fixture
def ticket_site(settings):
    settings.AVATAR_AUTH = "ticket"


def test_a_ticket_admits_its_holder(ticket_site):
    assert admit(handshake(f"client_id=ada&ticket={ticket_for('ada')}")).client_id == "ada"


@pytest.mark.parametrize("ticket", ["", "&ticket=", "&ticket=forged", "&ticket=a:b:c"])
def test_a_missing_or_invalid_ticket_is_refused_with_4401(ticket_site, ticket):
    assert refused(f"client_id=ada{ticket}") == 4401


def test_a_ticket_is_invalid_for_another_name_or_none(ticket_site):
    assert refused(f"client_id=eve&ticket={ticket_for('ada')}") == 4401
    assert refused(f"ticket={ticket_for('ada')}") == 4401


def test_other_text_signed_by_the_site_is_not_a_ticket(ticket_site):
    assert refused(f"client_id=ada&ticket={signing.dumps('ada', salt='another')}") == 4401


def test_a_ticket_expires_after_a_minute(ticket_site, monkeypatch):
    ticket = ticket_for("ada")
    monkeypatch.setattr(module, "TICKET_SECONDS", -1)
    assert refused(f"client_id=ada&ticket={ticket}") == 4401


def test_every_new_client_is_another_holder():
    holders = {admit(handshake("client_id=ada")).holder for _ in range(20)}
    assert len(holders) == 20
    assert min(map(len, holders)) >= 32, "nobody guesses one"


def test_the_token_identifies_the_same_holder_any_number_of_times():
    admission = first = admit(handshake("client_id=ada&room=attic"))
    for _ in range(3):
        admission = admit(handshake(f"client_id=ada&room=attic&resume={resume_token(admission)}"))
    assert admission == first


@pytest.mark.parametrize("query", ["client_id=eve&room=attic", "client_id=ada&room=lobby", "client_id=ada", ""])
def test_a_token_is_invalid_for_another_name_or_room(query):
    first = admit(handshake("client_id=ada&room=attic"))
    assert admit(handshake(f"{query}&resume={resume_token(first)}")).holder != first.holder


@pytest.mark.parametrize("token", ["", "forged", "a:b:c"])
def test_an_invalid_token_makes_nobody_a_holder(token):
    assert admit(handshake(f"client_id=ada&resume={token}")).holder not in ("x", "")


def test_other_text_signed_by_the_site_is_not_a_token():
    for content, salt in ((["ada", "lobby", "x"], "avatar"), ("x", "avatar.resume")):
        token = signing.dumps(content, salt=salt)
        assert admit(handshake(f"client_id=ada&resume={token}")).holder != "x"


def test_a_ticket_for_the_name_makes_its_bearer_the_holder(ticket_site):
    one, other = (admit(handshake(f"client_id=ada&ticket={ticket_for('ada')}")) for _ in range(2))
    assert one.holder == other.holder
    assert one.holder != admit(handshake(f"client_id=bob&ticket={ticket_for('bob')}")).holder


def test_a_token_is_not_a_ticket(ticket_site):
    token = resume_token(admit(handshake(f"client_id=ada&ticket={ticket_for('ada')}")))
    assert refused(f"client_id=ada&resume={token}") == 4401
    assert refused(f"client_id=ada&ticket={token}") == 4401


def with_cookie(query: str, session_key: str) -> dict:
    scope = handshake(query)
    cookie = f"{settings.SESSION_COOKIE_NAME}={session_key}"
    return {**scope, "headers": [*scope["headers"], (b"cookie", cookie.encode())]}


def test_a_ticket_names_its_user_and_the_cookie_its_session(ticket_site):
    query = f"client_id=ada&ticket={ticket_for('ada', 7, 'key')}"
    admission = admit(with_cookie(query, "key"))
    assert (admission.identity, admission.session_key) == (AvatarIdentity("7", session_digest("key")), "key")
    assert admit(with_cookie(query, "another")).session_key is None
    assert admit(handshake(query)).session_key is None
