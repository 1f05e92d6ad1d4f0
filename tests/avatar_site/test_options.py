import pytest

from avatar_site.options import websocket_url


@pytest.mark.parametrize(
    "text", ["ws://127.0.0.1:8000/ws/avatar/", "wss://a.example/ws/avatar/?x=1", "ws://[::1]:8000/", "ws://localhost"]
)
def test_a_websocket_url_is_accepted_unchanged(text):
    assert websocket_url(text) == text


@pytest.mark.parametrize(
    "text", ["", "http://a.example/", "ws://", "ws:///ws/avatar/", "ws://::1:8000/", "ws://[::1:8000/", "ws://a:x/"]
)
def test_anything_else_is_refused_with_what_is_allowed(text):
    with pytest.raises(ValueError, match=r"^a URL such as ws://127\.0\.0\.1:8000/ws/avatar/.* or ws://\[::1\]"):
        websocket_url(text)
