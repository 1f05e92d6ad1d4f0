import gc

from avatar_site.address_rates import AddressRates
from avatar_site.addresses import networks


def test_connections_of_one_address_share_a_bucket_while_any_is_open():
    rates = AddressRates(10)
    one = rates.of("1.2.3.4")
    assert rates.of("1.2.3.4") is one
    assert rates.of("1.2.3.5") is not one
    assert rates.of("2001:db8::1") is rates.of("2001:db8::2")
    del one
    gc.collect()
    assert len(rates._buckets) == 0


def test_addresses_shared_by_many_people_are_not_limited():
    rates = AddressRates(10, networks("10.0.0.0/8"))
    assert [rates.of(address) for address in ("127.0.0.1", "::1", "10.0.0.7", None)] == [None] * 4
