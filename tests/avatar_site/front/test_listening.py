import re
import socket

import pytest
from django.core.exceptions import ImproperlyConfigured

from avatar_site.front.listening import in_url, is_every_address, listen, reached_at, shown
from tests.site import free_port, needs_ipv6


def test_a_listener_takes_connections_and_never_waits_for_one():
    with listen("127.0.0.1", free_port()) as listener:
        assert listener.gettimeout() == 0
        socket.create_connection(listener.getsockname()).close()


@needs_ipv6
@pytest.mark.parametrize("host", ["::1", "[::1]", "0:0:0:0:0:0:0:1"])
def test_an_ipv6_address_is_taken_with_or_without_brackets_and_shown_as_urls_have_it(host):
    with listen(host, free_port()) as listener:
        socket.create_connection(reached_at(listener)).close()
        assert (reached_at(listener)[0], shown(host, listener)) == ("::1", "[::1]")
        assert not is_every_address(listener)


@needs_ipv6
def test_on_every_address_ipv4_is_served_too():
    with listen("::", free_port()) as listener:
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, listener.getsockname()[1])).close()
        assert (reached_at(listener)[0], shown("::", listener)) == ("::1", "[::1]")
        assert is_every_address(listener)


def test_every_address_of_ipv4_is_reached_at_the_local_one():
    with listen("0.0.0.0", free_port()) as listener:
        assert (reached_at(listener)[0], shown("0.0.0.0", listener)) == ("127.0.0.1", "127.0.0.1")
        assert is_every_address(listener)


def test_a_name_is_shown_as_it_was_asked_for_and_means_ipv4_where_it_has_both():
    with listen("localhost", free_port()) as listener:
        assert (reached_at(listener)[0], shown("localhost", listener)) == ("127.0.0.1", "localhost")


@pytest.mark.parametrize(
    ("host", "url"),
    [("::1", "[::1]"), ("[2001:DB8:0::1]", "[2001:db8::1]"), ("10.0.0.1", "10.0.0.1"), ("a.example", "a.example")],
)
def test_urls_have_ipv6_addresses_in_brackets_and_in_their_short_form(host, url):
    assert in_url(host) == url


def test_a_port_in_use_is_named():
    with listen("127.0.0.1", free_port()) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ImproperlyConfigured, match=rf"--port={port}: cannot be used \(Address already in use\)"):
            listen("127.0.0.1", port)


@needs_ipv6
def test_a_port_in_use_on_one_address_is_in_use_on_every_address():
    with (
        listen("::1", free_port()) as listener,
        pytest.raises(ImproperlyConfigured, match=r"--host=:: .*Address already in use"),
    ):
        listen("::", listener.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("192.0.2.1", "this machine has no such address"),
        pytest.param("2001:db8::1", "this machine has no such address", marks=needs_ipv6),
        pytest.param("fe80::1", "a link-local address needs its interface, as in fe80::1%eth0", marks=needs_ipv6),
        ("no-such-name.invalid", "it is neither an address nor a resolvable name"),
        ("http://localhost", "it is neither an address nor a resolvable name"),
        ("a..b", "it is neither an address nor a resolvable name"),
        ("[::1", "it is neither an address nor a resolvable name"),
        ("::1]:8000", "it is neither an address nor a resolvable name"),
        ("", "it is empty"),
    ],
)
def test_a_host_that_cannot_be_listened_on_is_one_line_with_the_reason(host, reason):
    with pytest.raises(ImproperlyConfigured, match=re.escape(reason)) as raised:
        listen(host, free_port())
    assert str(raised.value).startswith(f"--host={host} --port=")
    assert len(str(raised.value).splitlines()) == 1
