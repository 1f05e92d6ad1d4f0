import gc

from avatar_site.front.addresses import AddressRates, networks


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
