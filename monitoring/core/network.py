"""Which network interfaces are counted, so that a packet counts once however many interfaces it passes.

The counted interfaces are the first kind that exists of:

1. hardware, real or emulated (it has a `device`), whatever bridge, bond, VLAN or tunnel is built on it; hardware that
   is joined to other hardware, as clouds do it, counts in the one that joins, and a switch's ports in their conduit;
2. in a container, which has no hardware: interfaces that lead out of it (veth, macvlan and the like), but not those
   that lead on to containers of its own (a bridge's ports) or are built on another interface;
3. tunnels and taps, if nothing carries them;
4. bridges.

The loopback never counts.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

SYSFS = Path("/sys/class/net")
LOOPBACK = {"lo", "lo0"}

TUNNEL_TYPES = frozenset({"512", "65534", "768", "769", "776", "778", "823"})
"""Values of `type` for PPP, for interfaces without a link layer (WireGuard, tun), and for IP in IP, sit, GRE and the
like."""

TUNNELS = frozenset({"wireguard", "vxlan", "geneve", "ppp"})
NO_UPLINKS = frozenset({"bond", "team", "vlan", "dummy", "ifb", "vrf"})

BRIDGE_NAMES = ("docker", "br-", "virbr", "lxcbr", "lxdbr", "podman", "cni", "bridge")
TUNNEL_NAMES = ("tun", "tap", "wg", "ppp", "utun", "tailscale", "gif", "stf", "ipsec", "vxlan", "sit")
OTHER_NAMES = ("veth", "vnet", "cali", "bond", "team", "dummy", "ifb", "awdl", "llw", "anpi")


def uplinks(names: Collection[str], sysfs: Path = SYSFS) -> frozenset[str]:
    """The interfaces that count, by what /sys says about them, and by their names if it says nothing."""
    outside = [name for name in names if name not in LOOPBACK]
    known = {name for name in outside if (sysfs / name).exists()}
    if not known:
        return by_name(outside)
    hardware = {name for name in known if (sysfs / name / "device").exists()}
    if hardware:
        return frozenset(name for name in hardware if not _counts_elsewhere(name, hardware, sysfs))
    kinds = {name: _kind(name, sysfs) for name in known}
    return _first_kind(kinds)


def by_name(names: Collection[str]) -> frozenset[str]:
    """The same if only the names are known."""
    return _first_kind({name: _kind_of_name(name) for name in names if name not in LOOPBACK})


def _first_kind(kinds: dict[str, str]) -> frozenset[str]:
    for wanted in ("uplink", "tunnel", "bridge"):
        if found := frozenset(name for name, kind in kinds.items() if kind == wanted):
            return found
    return frozenset()


def _counts_elsewhere(name: str, hardware: Collection[str], sysfs: Path) -> bool:
    """Whether other hardware counts what passes this one."""
    if _master(name, sysfs) in hardware:
        return True
    return any(lower in hardware and _master(lower, sysfs) != name for lower in _lower(name, sysfs))


def _kind(name: str, sysfs: Path) -> str:
    path = sysfs / name
    if (path / "bridge").is_dir():
        return "bridge"
    carried = set(_lower(name, sysfs))
    kind = _device_type(path)
    if carried or (path / "brport").exists() or (path / "bonding").is_dir() or kind in NO_UPLINKS:
        return "other"
    is_tunnel = kind in TUNNELS or (path / "tun_flags").exists() or _text(path / "type") in TUNNEL_TYPES
    return "tunnel" if is_tunnel else "uplink"


def _kind_of_name(name: str) -> str:
    if name.startswith(BRIDGE_NAMES):
        return "bridge"
    if name.startswith(TUNNEL_NAMES):
        return "tunnel"
    return "other" if name.startswith(OTHER_NAMES) or "." in name else "uplink"


def _master(name: str, sysfs: Path) -> str | None:
    try:
        return (sysfs / name / "master").readlink().name
    except OSError:
        return None


def _lower(name: str, sysfs: Path) -> list[str]:
    try:
        return [entry.name.removeprefix("lower_") for entry in (sysfs / name).glob("lower_*")]
    except OSError:
        return []


def _device_type(path: Path) -> str:
    """The kind of interface according to the kernel; empty for many kinds without a name of their own, such as veth."""
    for line in _text(path / "uevent").splitlines():
        if line.startswith("DEVTYPE="):
            return line.removeprefix("DEVTYPE=")
    return ""


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


Counters = dict[str, tuple[int, int]]
"""What each interface has sent and received since it exists, in bytes."""

LOOK_AGAIN = 60
"""After this many readings, check again which interfaces count, because a bridge or bond may have taken one."""


class Traffic:
    """Bytes that passed the counted interfaces since the host's start, sent and received.

    It continues unchanged when an interface disappears or no longer counts; a new one counts from the next reading on.
    """

    def __init__(self, sysfs: Path = SYSFS) -> None:
        self._sysfs = sysfs
        self._names: frozenset[str] = frozenset()
        self._counted: frozenset[str] = frozenset()
        self._readings = 0
        self._before: Counters | None = None
        self._sent = self._received = 0

    def add(self, now: Counters) -> tuple[int, int]:
        """Adds one reading. Raises ValueError if an interface started over, because it was reset."""
        counters = {name: now[name] for name in self._which(frozenset(now))}
        before, self._before = self._before, counters
        if before is None:
            self._sent = sum(sent for sent, _ in counters.values())
            self._received = sum(received for _, received in counters.values())
            return self._sent, self._received
        steps = [
            (sent - before[name][0], received - before[name][1])
            for name, (sent, received) in counters.items()
            if name in before
        ]
        if any(sent < 0 or received < 0 for sent, received in steps):
            raise ValueError("a network interface was reset")
        self._sent += sum(sent for sent, _ in steps)
        self._received += sum(received for _, received in steps)
        return self._sent, self._received

    def _which(self, names: frozenset[str]) -> frozenset[str]:
        self._readings += 1
        if names != self._names or self._readings >= LOOK_AGAIN:
            self._names, self._readings = names, 0
            self._counted = uplinks(names, self._sysfs)
        return self._counted
