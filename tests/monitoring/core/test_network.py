"""Interfaces as Linux shows them under /sys/class/net, and which of them count."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from monitoring.core.network import LOOK_AGAIN, Traffic, by_name, uplinks

DEVICE, BRIDGE, BRPORT, BONDING = "device", "bridge", "brport", "bonding"


class Sysfs:
    """Builds a small /sys/class/net."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, name, *parts, master=None, lower=(), devtype="", link_type="1", tun=False):
        path = self.root / name
        path.mkdir(exist_ok=True)
        (path / "type").write_text(f"{link_type}\n")
        (path / "uevent").write_text(f"DEVTYPE={devtype}\n" * bool(devtype) + f"INTERFACE={name}\nIFINDEX=1\n")
        for part in parts:
            (path / part).mkdir()
        if tun:
            (path / "tun_flags").write_text("0x1002\n")
        if master:
            (path / "master").symlink_to(f"../{master}")
        for one in lower:
            (path / f"lower_{one}").symlink_to(f"../{one}")
        return self


def on_a_host_with_docker(net):
    net.add("lo", link_type="772").add("eth0", DEVICE).add("wlan0", DEVICE, devtype="wlan")
    net.add("docker0", BRIDGE, devtype="bridge", lower=["veth1"]).add("veth1", BRPORT, master="docker0")
    return {"eth0", "wlan0"}


def on_a_host_of_virtual_machines(net):
    net.add("eth0", DEVICE, BRPORT, master="br0").add("br0", BRIDGE, devtype="bridge", lower=["eth0", "vnet0"])
    net.add("vnet0", BRPORT, master="br0", tun=True).add("virbr0", BRIDGE, devtype="bridge")
    return {"eth0"}


def with_a_vpn(net):
    net.add("eth0", DEVICE).add("wg0", devtype="wireguard", link_type="65534")
    net.add("tun0", link_type="65534", tun=True).add("ipsec0", link_type="768")
    return {"eth0"}


def with_a_bond_and_vlans(net):
    net.add("eth0", DEVICE, master="bond0").add("eth1", DEVICE, master="bond0")
    net.add("bond0", BONDING, devtype="bond", lower=["eth0", "eth1"])
    net.add("bond0.7", devtype="vlan", lower=["bond0"])
    return {"eth0", "eth1"}


def in_a_container(net):
    net.add("lo", link_type="772").add("eth0")
    return {"eth0"}


def in_a_container_of_two_networks(net):
    net.add("eth0").add("eth1", devtype="macvlan")
    return {"eth0", "eth1"}


def in_a_container_with_containers_of_its_own(net):
    net.add("eth0").add("docker0", BRIDGE, devtype="bridge", lower=["veth9"]).add("veth9", BRPORT, master="docker0")
    return {"eth0"}


def in_a_container_with_a_vpn(net):
    net.add("eth0").add("tun0", link_type="65534", tun=True).add("wg0", devtype="wireguard", link_type="65534")
    net.add("tunl0", link_type="768").add("sit0", link_type="776").add("dummy0", devtype="dummy")
    return {"eth0"}


def in_a_container_with_a_bond(net):
    net.add("eth0", master="bond0").add("eth1", master="bond0").add("bond0", BONDING, lower=["eth0", "eth1"])
    net.add("eth0.5", devtype="vlan", lower=["eth0"])
    return {"eth0", "eth1"}


def in_a_rootless_container(net):
    net.add("lo", link_type="772").add("tap0", tun=True)
    return {"tap0"}


def in_a_container_whose_uplink_is_a_bridges_port(net):
    net.add("eth0", BRPORT, master="br0").add("veth1", BRPORT, master="br0")
    net.add("br0", BRIDGE, devtype="bridge", lower=["eth0", "veth1"])
    return {"br0"}


def in_a_cloud_that_joins_two_cards(net):
    net.add("eth0", DEVICE, lower=["enP1"]).add("enP1", DEVICE, master="eth0")
    return {"eth0"}


def on_a_switch(net):
    net.add("eth0", DEVICE).add("lan1", DEVICE, BRPORT, devtype="dsa", master="br0", lower=["eth0"])
    net.add("lan2", DEVICE, devtype="dsa", lower=["eth0"]).add("br0", BRIDGE, devtype="bridge", lower=["lan1"])
    return {"eth0"}


def with_nothing_but_the_loopback(net):
    net.add("lo", link_type="772")
    return set()


@pytest.mark.parametrize(
    "build",
    [
        on_a_host_with_docker,
        on_a_host_of_virtual_machines,
        with_a_vpn,
        with_a_bond_and_vlans,
        in_a_container,
        in_a_container_of_two_networks,
        in_a_container_with_containers_of_its_own,
        in_a_container_with_a_vpn,
        in_a_container_with_a_bond,
        in_a_rootless_container,
        in_a_container_whose_uplink_is_a_bridges_port,
        in_a_cloud_that_joins_two_cards,
        on_a_switch,
        with_nothing_but_the_loopback,
    ],
)
def test_a_packet_counts_once(tmp_path, build):
    counted = build(Sysfs(tmp_path))
    assert uplinks([path.name for path in tmp_path.iterdir()], tmp_path) == counted


@pytest.mark.parametrize(
    ("names", "counted"),
    [
        (["lo", "eth0", "docker0", "br-12ab", "veth1", "virbr0", "tun0", "wg0", "bond0", "eth0.7"], {"eth0"}),
        (["lo0", "en0", "utun3", "bridge0", "awdl0"], {"en0"}),
        (["lo", "tap0"], {"tap0"}),
        (["lo"], set()),
    ],
)
def test_without_sys_the_names_decide(tmp_path, names, counted):
    assert by_name(names) == counted
    assert uplinks(names, tmp_path / "missing") == counted


def test_totals_continue_when_an_interface_comes_or_goes(tmp_path):
    Sysfs(tmp_path).add("eth0", DEVICE).add("eth1", DEVICE)
    traffic = Traffic(tmp_path)
    assert traffic.add({"eth0": (100, 10)}) == (100, 10)
    assert traffic.add({"eth0": (110, 11), "eth1": (9_000, 900)}) == (110, 11)
    assert traffic.add({"eth0": (120, 12), "eth1": (9_001, 901)}) == (121, 13)
    assert traffic.add({"eth1": (9_003, 903)}) == (123, 15)


def test_a_reset_interface_leaves_one_reading_out(tmp_path):
    traffic = Traffic(tmp_path / "missing")
    traffic.add({"eth0": (100, 10), "eth1": (5, 5)})
    with pytest.raises(ValueError, match="reset"):
        traffic.add({"eth0": (1, 1), "eth1": (6, 6)})
    assert traffic.add({"eth0": (3, 4), "eth1": (6, 6)}) == (107, 18)


def test_an_interface_that_joins_a_bridge_is_noticed_within_a_minute(tmp_path):
    net = Sysfs(tmp_path).add("eth0").add("veth1")
    traffic = Traffic(tmp_path)
    traffic.add({"eth0": (0, 0), "veth1": (0, 0)})
    net.add("veth1", BRPORT, master="br0")
    for _ in range(LOOK_AGAIN):
        sent, _ = traffic.add({"eth0": (0, 0), "veth1": (0, 0)})
    assert traffic.add({"eth0": (7, 0), "veth1": (1_000, 0)})[0] == sent + 7


IN_THE_NAMESPACE = """
import json, socket, sys
from pathlib import Path
import psutil
from monitoring.core.host import ProcHost
from monitoring.core.network import uplinks
def cards():
    return {name: [card.bytes_sent, card.bytes_recv] for name, card in psutil.net_io_counters(pernic=True).items()}
def read():
    before, reading = cards(), ProcHost().read()
    return [before, reading.network_sent, reading.network_recv, cards()]
before = read()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    for _ in range(300):
        sender.sendto(bytes(1_000), ("10.213.7.1", 9))
after = read()
print(json.dumps([before, after, sorted(uplinks(after[0]))]))
"""


@pytest.fixture
def namespace():
    """A network namespace like a container's, with an uplink, a bridge, a tunnel and dozens of interfaces."""
    if sys.platform != "linux" or shutil.which("ip") is None:
        pytest.skip("iproute2 is missing")
    name, out, inside = f"h4-{os.getpid()}", f"o{os.getpid() % 100_000}", f"i{os.getpid() % 100_000}"

    def ip(*words):
        return subprocess.run(["ip", *words], capture_output=True, text=True, check=False)

    made = ip("netns", "add", name)
    if made.returncode:
        pytest.skip(f"this machine forbids network namespaces: {made.stderr.strip()}")
    try:
        for words in (
            ["link", "add", out, "type", "veth", "peer", "name", inside, "netns", name],
            ["-n", name, "link", "set", inside, "name", "eth0"],
            ["-n", name, "addr", "add", "10.213.7.2/24", "dev", "eth0"],
            ["link", "set", out, "up"],
            ["-n", name, "link", "set", "eth0", "up"],
            ["-n", name, "neigh", "add", "10.213.7.1", "lladdr", "02:00:00:00:00:01", "dev", "eth0"],
            ["-n", name, "link", "add", "br0", "type", "bridge"],
            *(["-n", name, "tuntap", "add", f"tap{number:02}", "mode", "tap"] for number in range(40)),
        ):
            done = ip(*words)
            if done.returncode:
                pytest.skip(f"this machine cannot do ip {' '.join(words)}: {done.stderr.strip()}")
        yield name
    finally:
        ip("netns", "delete", name)
        ip("link", "delete", out)


def test_in_a_network_namespace_with_many_interfaces_it_agrees_with_psutil(namespace):
    done = subprocess.run(
        ["ip", "netns", "exec", namespace, sys.executable, "-c", IN_THE_NAMESPACE],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    before, after, counted = json.loads(done.stdout)
    assert len(after[0]) > 40
    assert counted == ["eth0"]
    for earlier, sent, received, later in (before, after):
        assert earlier["eth0"][0] <= sent <= later["eth0"][0]
        assert earlier["eth0"][1] <= received <= later["eth0"][1]
    assert after[1] - before[1] >= 300_000


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_on_this_host_it_agrees_with_psutil():
    cards = psutil.net_io_counters(pernic=True)
    names = uplinks(cards)
    counters = {name: (card.bytes_sent, card.bytes_recv) for name, card in cards.items()}
    assert Traffic().add(counters) == tuple(map(sum, zip(*(counters[name] for name in names), strict=True)))
