import pytest

from monitoring.core.forwarding import is_forwarded


@pytest.mark.parametrize("header", [b"x-forwarded-for", b"X-Real-IP", b"x-envoy-external-address", b"cf-ray"])
def test_proxies_name_themselves_in_the_handshake(header):
    assert is_forwarded({"headers": [(b"host", b"example.org"), (header, b"10.0.0.1")]})


@pytest.mark.parametrize("scope", [{}, {"headers": None}, {"headers": [(b"host", b"example.org")]}])
def test_other_handshakes_came_by_no_proxy_as_far_as_they_say(scope):
    assert not is_forwarded(scope)
