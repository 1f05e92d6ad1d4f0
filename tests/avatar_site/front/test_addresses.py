import gc

import pytest

from avatar_site.front.addresses import AddressRates, client_address, is_unlimited, networks, source_of

TRUSTED = networks("10.0.0.1, 192.168.0.0/16, fd00::/8")


def forwarded(*values: str) -> list[tuple[bytes, bytes]]:
    return [(b"x-forwarded-for", value.encode()) for value in values]


@pytest.mark.parametrize(
    ("peer", "headers", "client"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["1.2.3.4"], "203.0.113.9"),
        ("127.0.0.1", ["1.2.3.4"], "127.0.0.1"),
        ("10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6, 1.2.3.4, 192.168.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["192.168.1.1, 192.168.1.2"], "192.168.1.1"),
        ("10.0.0.1", ["1.2.3.4, unknown, 192.168.1.2"], "192.168.1.2"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["1.2.3.4:5678"], "1.2.3.4"),
        ("10.0.0.1", ["[2001:db8::1]:5678"], "2001:db8::1"),
        ("10.0.0.1", ["2001:DB8:0::1"], "2001:db8::1"),
        ("10.0.0.1", ["::ffff:1.2.3.4"], "1.2.3.4"),
        ("::ffff:10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("::ffff:1.2.3.4", ["6.6.6.6"], "1.2.3.4"),
        ("::ffff:10.0.0.1", [], "10.0.0.1"),
        ("2001:db8::1", ["1.2.3.4"], "2001:db8::1"),
        ("fd00::5", ["2001:db8::1"], "2001:db8::1"),
        ("10.0.0.1", ["\xff\xfe"], "10.0.0.1"),
        (None, ["1.2.3.4"], "1.2.3.4"),
        (None, [], None),
    ],
)
def test_the_client_is_the_nearest_address_that_no_trusted_proxy_has(peer, headers, client):
    assert client_address(peer, forwarded(*headers), TRUSTED) == client


@pytest.mark.parametrize("text", ["proxy.example.com", "10.0.0.1/33", "10.0.0", "10.0.0.1;10.0.0.2", "*"])
def test_a_list_of_anything_else_says_what_is_allowed(text):
    with pytest.raises(ValueError, match=r"such as 10\.0\.0\.1 or 192\.168\.0\.0/16"):
        networks(text)


def test_ipv6_networks_may_have_brackets_and_those_of_ipv4_be_written_as_of_ipv6():
    assert networks("[fd00::]/8, [::1]") == networks("fd00::/8 ::1")
    assert networks("::ffff:10.0.0.1 ::ffff:10.0.0.0/104") == networks("10.0.0.1 10.0.0.0/8")


def test_spaces_empty_parts_and_host_bits_are_passed_over():
    assert networks(" 10.0.0.1 ,, [::1], 192.168.7.7/16 ") == networks("10.0.0.1,::1,192.168.0.0/16")
    assert networks("10.0.0.1 10.0.0.2") == networks("10.0.0.1,10.0.0.2")
    assert networks("") == ()


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("", None),
        (None, None),
    ],
)
def test_all_addresses_of_one_subscriber_are_one_source(address, source):
    assert source_of(address) == source


@pytest.mark.parametrize(
    ("address", "unlimited"),
    [("127.0.0.1", True), ("::1", True), ("192.168.3.4", True), (None, True), ("1.2.3.4", False)],
)
def test_this_machine_and_proxies_may_stand_for_many(address, unlimited):
    assert is_unlimited(address, TRUSTED) == unlimited


def test_connections_of_one_address_share_a_bucket_as_long_as_there_are_any():
    rates = AddressRates(10)
    one = rates.of("1.2.3.4")
    assert rates.of("1.2.3.4") is one
    assert rates.of("1.2.3.5") is not one
    assert rates.of("2001:db8::1") is rates.of("2001:db8::2")
    del one
    gc.collect()
    assert len(rates._buckets) == 0


def test_what_many_may_stand_behind_is_not_limited():
    rates = AddressRates(10, networks("10.0.0.0/8"))
    assert [rates.of(address) for address in ("127.0.0.1", "::1", "10.0.0.7", None)] == [None] * 4
