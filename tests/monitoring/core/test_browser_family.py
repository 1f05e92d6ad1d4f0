import re

import pytest

from monitoring.core.browser_family import LONGEST_USER_AGENT, RULES, browser_of, user_agent_of

MOZILLA = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "shown"),
    [
        (f"{MOZILLA} {CHROME} Safari/537.36", "Chrome 131"),
        (f"{MOZILLA} {CHROME} Safari/537.36 Edg/130.0.0.0", "Edge 130"),
        (f"{MOZILLA} {CHROME} Safari/537.36 OPR/115.0.0.0", "Opera 115"),
        (f"{MOZILLA} {CHROME} Electron/33.2.0 Safari/537.36", "Electron 33"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/131.0 Safari/537.36",
            "Headless Chrome 131",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; SM-S921B) {CHROME} SamsungBrowser/26.0 Mobile Safari/537.36",
            "Samsung Internet 26",
        ),
        (f"Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) {CHROME} Mobile Safari/537.36", "Android WebView 131"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128"),
        (f"{IPHONE} FxiOS/133.0 Mobile/15E148 Safari/605.1.15", "Firefox 133"),
        (f"{IPHONE} CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1", "Chrome 131"),
        (f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "Safari 17"),
        (f"{IPHONE} Mobile/15E148", "iOS WebView"),
        (
            "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1.1 Safari/605.1.15",
            "Safari 18",
        ),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot 2"),
        ("Mozilla/5.0 (compatible; bingbot/2.0)", "other bot"),
        ("Python/3.11 websockets/15.0.1", "websockets 15"),
        ("Python/3.12 aiohttp/3.10.5", "aiohttp 3"),
        ("Python-urllib/3.12", "Python 3"),
        ("okhttp/4.12.0", "okhttp 4"),
        ("UnityPlayer/2022.3.4f1 (UnityWebRequest/1.0, libcurl/7.84.0-DEV)", "Unity 2022"),
        ("GodotEngine/4.3.stable.official (Linux)", "Godot 4"),
        ("Godot", "Godot"),
        ("curl/8.5.0", "curl 8"),
        ("AutobahnPython/24.4.2", "Autobahn 24"),
        ("Dart/3.5 (dart:io)", "Dart 3"),
    ],
)
def test_the_family_and_major_version_of_a_user_agent(user_agent, shown):
    assert browser_of(user_agent).shown == shown


def test_what_is_not_known_has_a_family_too_and_is_not_shown():
    found = [browser_of(one) for one in ("my own client", "")]
    assert [(one.family, one.shown) for one in found] == [("other", None), ("not sent", None)]


def test_every_family_has_one_rule_and_the_list_is_bounded():
    families = [family for family, _ in RULES]
    assert len(families) == len(set(families)) < 40
    assert all(re.compile(pattern).groups <= 1 for _, pattern in RULES)


def test_a_long_user_agent_takes_no_time():
    assert browser_of("(iPhone" * 40)


def test_the_user_agent_of_a_handshake_is_one_bounded_line():
    headers = [(b"host", b"here"), (b"user-agent", b"  Bad\x00\r\nagent\xff " + b"x" * 10_000)]
    found = user_agent_of({"headers": headers})
    assert found.startswith("Bad agentÿ xxx")
    assert len(found) == LONGEST_USER_AGENT
    assert user_agent_of({"headers": headers}) is found


@pytest.mark.parametrize("scope", [{}, {"headers": []}, {"headers": None}, {"headers": [(b"user-agent", "text")]}])
def test_a_handshake_without_one_has_none(scope):
    assert user_agent_of(scope) == ""
