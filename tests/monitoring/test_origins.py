import pytest

from monitoring.origins import origin_allowed

ALLOWED = ("https://example.com", "https://Other.example:8443")


def handshake(origin: bytes | None, host: bytes | None = b"avatars.test:8000") -> dict:
    headers = [(b"host", host), (b"origin", origin)]
    return {"headers": [(name, value) for name, value in headers if value is not None]}


@pytest.mark.parametrize(
    "origin",
    [
        None,
        b"http://avatars.test:8000",
        b"https://avatars.test:8000",
        b"HTTP://AVATARS.test:8000",
        b"https://example.com",
        b"https://other.example:8443",
    ],
)
def test_programs_own_pages_and_listed_pages_may_connect(origin):
    assert origin_allowed(handshake(origin), ALLOWED)


@pytest.mark.parametrize(
    "origin",
    [
        b"",
        b"null",
        b"https://evil.test",
        b"http://avatars.test",
        b"http://avatars.test:8001",
        b"http://avatars.test:8000.evil.test",
        b"http://avatars.test:8000@evil.test",
        b"http://evil.test@avatars.test:8000",
        b"https://example.com.evil.test",
        b"http://example.com",
        b"http://[",
        b"http://[::1",
        b"\xff\xfe",
    ],
)
def test_other_pages_may_not_connect(origin):
    assert not origin_allowed(handshake(origin), ALLOWED)


@pytest.mark.parametrize("origin", [b"null", b"", b"http://"])
def test_a_handshake_without_host_matches_no_origin(origin):
    assert not origin_allowed(handshake(origin, host=None), ())
    assert not origin_allowed(handshake(origin, host=b""), ())


APPS = ("capacitor://localhost", "tauri://localhost", "chrome-extension://abcdefgh", "null", "file://")


@pytest.mark.parametrize("origin", [app.encode() for app in APPS])
def test_apps_that_show_pages_may_connect_if_they_are_listed(origin):
    assert origin_allowed(handshake(origin), APPS)
    assert not origin_allowed(handshake(origin), ALLOWED)


@pytest.mark.parametrize(
    "origin", [b"capacitor://evil.test", b"tauri://localhost.evil.test", b"https://localhost", b""]
)
def test_similar_looking_origins_may_not_connect(origin):
    assert not origin_allowed(handshake(origin), APPS)
