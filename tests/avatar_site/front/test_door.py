import os
import resource
import subprocess
import sys

import pytest

from avatar_site.front.addresses import networks
from avatar_site.front.door import Door, Limits, left
from monitoring.core.wire.link import ProtectionCounters


@pytest.fixture
def door() -> Door:
    counted = ProtectionCounters()
    return Door(Limits(connections=3, per_address=2, trusted=networks("10.0.0.0/8")), lambda: counted)


def refusal(door: Door, address: str | None, *, viewer: bool = False) -> tuple[int, str] | None:
    refused = door.refusal(address, viewer=viewer)
    return refused and (refused.status, refused.cause)


def test_one_address_has_so_many_and_another_is_let_in(door):
    with door.inside("1.2.3.4", viewer=False), door.inside("1.2.3.4", viewer=False):
        assert refusal(door, "1.2.3.4") == (429, "address")
        assert refusal(door, "1.2.3.5") is None
    assert refusal(door, "1.2.3.4") is None


def test_the_addresses_of_one_ipv6_subscriber_count_together(door):
    with door.inside("2001:db8::1", viewer=False), door.inside("2001:db8::2", viewer=False):
        assert refusal(door, "2001:db8::3") == (429, "address")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", None])
def test_behind_this_machine_and_trusted_proxies_only_all_count(door, address):
    with door.inside(address, viewer=False), door.inside(address, viewer=False):
        assert refusal(door, address) is None
        with door.inside(address, viewer=False):
            assert refusal(door, address) == (503, "connections")


def test_avatars_keep_no_viewer_out(door, monkeypatch):
    monkeypatch.setattr("avatar_site.front.door.left", lambda: 0)
    assert refusal(door, "1.2.3.4") == (503, "descriptors")
    assert refusal(door, "1.2.3.4", viewer=True) is None


def test_the_reason_names_the_limit_and_its_variable(door):
    with door.inside("1.2.3.4", viewer=False), door.inside("1.2.3.4", viewer=False):
        refused = door.refusal("1.2.3.4", viewer=False)
    assert refused.reason == "at most 2 connections per address are allowed (AVATAR_MAX_CONNECTIONS_PER_ADDRESS)"


def test_nothing_is_remembered_of_who_has_left(door):
    for number in range(100):
        with door.inside(f"1.2.3.{number}", viewer=False):
            pass
    assert not door._of_address


def test_a_refusal_is_counted_and_logged(door, caplog):
    with door.inside("1.2.3.4", viewer=False), door.inside("1.2.3.4", viewer=False):
        door.refused(door.refusal("1.2.3.4", viewer=False), "1.2.3.4")
    assert door.protection.refused == {"address": 1}
    assert "1.2.3.4" in caplog.text


RAISE = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 300))
from avatar_site.front import door
print(door.raise_limit(), *resource.getrlimit(resource.RLIMIT_NOFILE))
files = []
while True:
    before = door.left()
    try:
        files.append(open("/dev/null"))
    except OSError:
        break
print(before)
"""


def test_the_soft_limit_is_raised_to_the_hard_one_and_at_its_end_nothing_is_left():
    done = subprocess.run([sys.executable, "-c", RAISE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["300", "300", "300", "0"]


def test_what_is_open_is_not_left():
    before = left()
    assert before <= resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(20)]
    after = left()
    for file in files:
        os.close(file)
    # Each takes the lowest that is free, so the next free one is higher by at least as many.
    assert after <= before - 20
