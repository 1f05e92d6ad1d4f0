import time

import pytest

from avatar_site.logs import redaction
from avatar_site.logs.redaction import passwords_of, redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Connected to redis://avatar:hu/sh@10.0.0.5:6379/0", "Connected to redis://avatar:***@10.0.0.5:6379/0"),
        ("redis://:hush@host", "redis://:***@host"),
        ("unix:///run/redis.sock?password=hush&db=1", "unix:///run/redis.sock?password=***&db=1"),
        ("host=10.0.0.6 password=hush dbname=avatar", "host=10.0.0.6 password=*** dbname=avatar"),
        (
            '"GET /ws/avatar/?ticket=a:b:c&client_id=ada HTTP/1.1" 101',
            '"GET /ws/avatar/?ticket=***&client_id=ada HTTP/1.1" 101',
        ),
        ("/ws/avatar/?resume=abc.def", "/ws/avatar/?resume=***"),
        ("/api/current?token=hush-hush&x=1", "/api/current?token=***&x=1"),
        ("{'username': 'ada', 'password': 'it hush'}", "{'username': 'ada', 'password': '***'}"),
        ("connect(password='hush', port=1)", "connect(password='***', port=1)"),
        ("connect(password='it hush', port=1)", "connect(password='***', port=1)"),
        ("DJANGO_SECRET_KEY=hush", "DJANGO_SECRET_KEY=***"),
        ("Cookie: avatar_session_1a2b=hush; theme=dark", "Cookie: avatar_session_1a2b=***; theme=dark"),
        ("Authorization: Bearer hush-hush-hush", "Authorization: Bearer ***"),
    ],
)
def test_secrets_are_hidden_wherever_they_appear(text, shown):
    assert redacted(text) == shown


@pytest.mark.parametrize(
    "text",
    ["5 wrong passwords of ada", "https://example.com/a@b", "The token bucket is empty", "2 avatars, resume after 3 s"],
)
def test_other_text_is_left_alone(text):
    assert redacted(text) == text


def test_the_sites_own_secrets_are_hidden_everywhere(monkeypatch):
    monkeypatch.setattr(redaction, "_known", [])
    redaction.hide(passwords_of("postgres://avatar:p%40ssw/rd@host/name", "unix:///run/x?password=quiet!"))
    assert redacted("NOAUTH p@ssw/rd p%40ssw/rd quiet!") == "NOAUTH *** *** ***"


def test_an_ordinary_word_is_not_mistaken_for_a_secret(monkeypatch):
    monkeypatch.setattr(redaction, "_known", [])
    redaction.hide(["web"])
    assert redacted("web-1 is ready") == "web-1 is ready"


@pytest.mark.parametrize(
    "piece", ["a-", "a.", "a", "a://b:", "'token':", "token='", "token':'", "Bearer ", "avatar_session"]
)
def test_client_text_does_not_keep_the_process_busy(piece):
    """A path of 16 kB, which servers accept and Django logs, once blocked the process for half a minute."""
    began = time.process_time()
    redacted(piece * (16_000 // len(piece)))
    assert time.process_time() - began < 5


def test_the_paths_of_addresses_that_are_told_about_alerts_are_secret():
    urls = "slack://TokenA/TokenB/TokenC, https://hc.example/ping/0b0e6a86/ json://localhost"
    assert redaction.paths_of(urls) == ["/TokenB/TokenC", "/ping/0b0e6a86"]
