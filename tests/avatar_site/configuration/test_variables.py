from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from avatar_site.configuration.variables import (
    Environment,
    host_names,
    origins_of,
    secret_key,
    web_origins,
    websocket_url,
)
from monitoring.parsers import boolean


def environment(**variables: str) -> Environment:
    return Environment(variables, Path("/srv/site"))


@pytest.mark.parametrize("value", ["", "  ", '""', "''", '" "'])
def test_an_empty_variable_counts_as_unset(value):
    env = environment(AVATAR_FLAG=value)
    assert env.text("AVATAR_FLAG") == env.text("AVATAR_OTHER") == ""
    assert env.parsed("AVATAR_FLAG", "true", boolean) is True
    assert env.path("AVATAR_FLAG", "var") == Path("/srv/site/var")
    assert env.unread("AVATAR_") == {}


@pytest.mark.parametrize("value", ["2.5", " 2.5 ", '"2.5"', "'2.5'", "2.5\n"])
def test_spaces_and_quotes_around_a_value_are_ignored(value):
    assert environment(AVATAR_METRICS_INTERVAL=value).text("AVATAR_METRICS_INTERVAL") == "2.5"


def test_a_quote_within_a_value_is_part_of_it():
    assert environment(NAME='a"b').text("NAME") == 'a"b'
    assert environment(NAME='"').text("NAME") == '"'


def test_relative_paths_are_relative_to_the_project_wherever_a_command_is_typed(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert environment(AVATAR_DATA_DIR="data").path("AVATAR_DATA_DIR", "var") == Path("/srv/site/data")
    assert environment(AVATAR_DATA_DIR="/data").path("AVATAR_DATA_DIR", "var") == Path("/data")


def test_a_tilde_is_the_home_directory(monkeypatch):
    monkeypatch.setenv("HOME", "/home/avatar")
    assert environment(AVATAR_DATA_DIR="~/C# code").path("AVATAR_DATA_DIR", "var") == Path("/home/avatar/C# code")


@pytest.mark.parametrize("text", ["a.example,b.example", " a.example , b.example ,", "a.example b.example"])
def test_host_names_are_separated_by_commas_or_spaces(text):
    assert host_names(text) == ["a.example", "b.example"]


@pytest.mark.parametrize("text", ["*", ".example.com", "[::1]", "10.0.0.1", "web_1"])
def test_host_names_are_those_that_django_accepts(text):
    assert host_names(text) == [text]


@pytest.mark.parametrize("text", ["::1", "[::1]", "[0:0:0:0:0:0:0:1]"])
def test_ipv6_addresses_are_compared_as_browsers_write_them(text):
    assert host_names(text) == ["[::1]"]


@pytest.mark.parametrize("text", ["https://example.com", "example.com:8000", "example.com/", ",", "a..b"])
def test_a_name_that_no_host_header_can_equal_is_refused(text):
    with pytest.raises(ImproperlyConfigured, match=r"DJANGO_ALLOWED_HOSTS=.*: must be host names without scheme"):
        environment(DJANGO_ALLOWED_HOSTS=text).parsed("DJANGO_ALLOWED_HOSTS", "localhost", host_names)


def test_forms_are_accepted_from_the_allowed_hosts_over_https():
    assert origins_of(["a.example", ".b.example", "[::1]", "*"]) == [
        "https://a.example",
        "https://*.b.example",
        "https://[::1]",
    ]


def test_forms_are_accepted_from_other_origins_whose_port_a_proxy_drops():
    text = "https://a.example:8443/, http://localhost:8080"
    assert web_origins(text) == ["https://a.example:8443", "http://localhost:8080"]


@pytest.mark.parametrize("text", ["a.example", "https://a.example/login", "ftp://a.example"])
def test_anything_else_is_not_an_origin(text):
    with pytest.raises(ValueError, match=r"^origins such as"):
        web_origins(text)


@pytest.mark.parametrize("text", ["~nobody-of-this-name/var", "/srv/a\nb", "/srv/\udcff", "/srv/\x1b[31m"])
def test_a_path_that_no_log_could_show_is_refused_in_one_line(text):
    with pytest.raises(ImproperlyConfigured, match="must be a path in UTF-8") as error:
        Environment({"DIR": text}, Path("/srv")).path("DIR", "var")
    assert str(error.value).isprintable()


@pytest.mark.parametrize("text", ["http://[", "http://[::1", "http://[:::]", "http://host:99999", "https://a]b"])
def test_text_that_only_looks_like_an_origin_is_refused(text):
    with pytest.raises(ValueError, match=r"^origins such as"):
        web_origins(text)


def test_a_secret_key_that_is_not_utf_8_is_refused_without_showing_it():
    with pytest.raises(ImproperlyConfigured, match=r"^DJANGO_SECRET_KEY=\(hidden\): must be text in UTF-8$"):
        Environment({"DJANGO_SECRET_KEY": "hush\udcff"}, Path("/srv")).parsed("DJANGO_SECRET_KEY", "", secret_key)


def test_what_the_site_has_not_asked_for_is_left_to_monitoring():
    env = environment(AVATAR_AUTH="ticket", AVATAR_METRICS_INTERVAL="'2'", AVATAR_SITE="", OTHER="1")
    assert env.text("AVATAR_AUTH") == "ticket"
    assert env.unread("AVATAR_") == {"AVATAR_METRICS_INTERVAL": "2"}


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
