import pytest

from monitoring.core.address_masks import HASH, NETWORK, OFF, hashed, mask_of, masked, network_of
from monitoring.core.connection import Connection


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("2002:cb00:714d::3", "2002:cb00:7100::/40"),
        ("/run/site.sock", ""),
        ("", ""),
    ],
)
def test_of_an_address_its_network_is_kept(address, network):
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("2001:db8:1::/48", "2001:db8:1::/48"),
        ("2002:cb00:714d::/48", "2002:cb00:7100::/40"),
        ("hash:5f2b9c0d8e1a4477", "hash:5f2b9c0d8e1a4477"),
        ("/run/site.sock", ""),
        ("testclient", ""),
        ("", ""),
    ],
)
def test_of_what_is_kept_a_network_or_a_hash_is_shown_without_the_permission(kept, shown):
    assert masked(kept) == shown


def test_a_search_of_a_crowd_masks_each_address_once():
    crowd = [f"10.{number >> 8}.{number & 255}.7" for number in range(10_000)]
    masked.cache_clear()
    for address in (*crowd, *crowd):
        masked(address)
    assert (masked.cache_info().misses, masked.cache_info().hits) == (10_000, 10_000)


def test_equal_addresses_have_equal_hashes_under_one_key_only():
    first, again, other = hashed("203.0.113.7", b"a"), hashed("::ffff:203.0.113.7", b"a"), hashed("203.0.113.8", b"a")
    assert first == again != other
    assert first != hashed("203.0.113.7", b"b")
    assert first.startswith("hash:")
    assert "203" not in first


def test_no_address_has_no_hash():
    assert hashed("", b"a") == ""


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="must be one of full, network, hash, off"):
        mask_of("some")


@pytest.mark.parametrize(
    ("kind", "kept"), [("full", "10.1.2.3"), (NETWORK, "10.1.2.0/24"), (HASH, hashed("10.1.2.3", b"k")), (OFF, "")]
)
def test_nothing_but_what_is_kept_leaves_a_connection(collector, kind, kept):
    collector.address_mask = mask_of(kind, b"k")
    connection = Connection({"type": "websocket", "path": "/", "client": ("10.1.2.3", 5)}, collector)
    connection.accepted()
    assert collector.client_metrics[connection.client_id].remote == kept
    assert collector.sessions.take()[0].remote == kept
