import asyncio
import math

import msgspec
import pytest
from channels.layers import get_channel_layer

from monitoring.core.rescue import OnceAMinute
from monitoring.core.wire.other_formats import SaidOnce
from monitoring.fleet import bus as module
from monitoring.fleet import members
from monitoring.fleet.bus import Bus
from monitoring.fleet.members import LastHeard
from monitoring.site import SiteUnknownError, channel_of
from tests.waiting import until


@pytest.fixture(autouse=True)
def fast(monkeypatch, in_memory_layer):
    monkeypatch.setattr(module, "GATHER_SECONDS", 0.001)


class Node:
    """A bus and what it heard."""

    def __init__(self, name: str, group: str = "group", version: int = 1) -> None:
        self.heard = []
        self.bus = Bus(group, self._hear, name=name, version=version)

    def _hear(self, member: str, item: object) -> None:
        self.heard.append((self.bus.others[member], item))


@pytest.fixture
async def node():
    started = []

    async def start(name: str, group: str = "group", version: int = 1) -> Node:
        node = Node(name, group, version)
        await node.bus.start()
        started.append(node.bus)
        return node

    yield start
    for bus in started:
        await bus.stop()


async def acquainted(*nodes: Node) -> None:
    await until(lambda: not any(node.bus.alone for node in nodes))


async def test_two_nodes_find_each_other(node):
    one, other = await node("n1"), await node("n2")
    await acquainted(one, other)


async def test_items_go_to_the_other_nodes_in_order_and_not_back(node):
    one, other = await node("n1"), await node("n2")
    await acquainted(one, other)
    for item in ({"a": [1, 2.5, None]}, "b", b"c"):
        one.bus.send(item)
    await until(lambda: len(other.heard) == 3)
    assert other.heard == [("n1", {"a": [1, 2.5, None]}), ("n1", "b"), ("n1", b"c")]
    assert one.heard == []


async def test_items_queued_together_go_out_together(node, monkeypatch):
    one, other = await node("n1"), await node("n2")
    await acquainted(one, other)
    await asyncio.sleep(0.02)
    letters = []
    post = one.bus._post
    monkeypatch.setattr(one.bus, "_post", lambda **letter: letters.append(letter) or post(**letter))
    for number in range(50):
        one.bus.send(number)
    await until(lambda: len(other.heard) == 50)
    assert len(letters) == 1


async def test_groups_do_not_hear_each_other(node):
    one, other, stranger = await node("n1"), await node("n2"), await node("n3", "another group")
    await acquainted(one, other)
    one.bus.send("secret")
    await until(lambda: other.heard)
    assert stranger.heard == []
    assert stranger.bus.alone


async def test_nothing_is_queued_while_no_other_node_is_there(node):
    one = await node("n1")
    one.bus.send("hello")
    assert one.bus.alone
    assert len(one.bus._waiting) == 0
    assert one.bus.dropped == 0


async def test_a_silent_node_is_forgotten(node, monkeypatch):
    one, other = await node("n1"), await node("n2")
    await acquainted(one, other)
    monkeypatch.setattr(members, "PEER_SECONDS", 0.0)
    one.bus.send("to somebody")
    await until(lambda: one.bus.alone)


async def test_items_without_room_are_counted(node, monkeypatch):
    one = Node("n1")
    monkeypatch.setattr(type(one.bus), "alone", False)
    for number in range(module.MAX_WAITING + 5):
        one.bus.send(number)
    assert one.bus.dropped == 5
    assert one.bus._waiting[0] == 5


async def test_a_clean_stop_sends_queued_items(node):
    one, other = await node("n1"), await node("n2")
    await acquainted(one, other)
    one.bus.send("goodbye")
    await one.bus.stop()
    await until(lambda: other.heard == [("n1", "goodbye")])


async def test_a_handler_that_raises_does_not_stop_the_listening(node):
    one, other = await node("n1"), await node("n2")
    await acquainted(one, other)
    other.bus._handler = lambda _, item: other.heard.append(item) if item else 1 / 0
    for item in (0, 1):
        one.bus.send(item)
        await asyncio.sleep(0.02)
    assert other.heard == [1]


async def test_an_unreadable_message_is_skipped(node):
    one, other = await node("n1"), await node("n2")
    await acquainted(one, other)
    for letter in (b"\xc1", b"", b"\x94\x01\x02\x03\x04", b"\x94\xa1m\xa1n\xc2" + b"\x91" * 100_000):
        await get_channel_layer().group_send("avatar.test.group", {"type": "letter", "letter": letter})
    one.bus.send("hello")
    await until(lambda: other.heard)
    assert other.heard == [("n1", "hello")]


class Unreachable:
    """A channel layer whose server is away."""

    async def group_send(self, group, message):
        raise ConnectionError("no Redis")

    new_channel = group_send


async def test_a_layer_outage_loses_queued_items_and_nothing_else(monkeypatch, caplog):
    monkeypatch.setattr(module, "get_channel_layer", Unreachable)
    monkeypatch.setattr(Bus, "alone", False)
    one = Node("n1")
    await one.bus.start()
    for number in range(3):
        one.bus.send(number)
    await until(lambda: one.bus.dropped == 3)
    one.bus.send("last")
    await one.bus.stop()
    assert one.bus.dropped == 4
    assert "no Redis" in caplog.text


async def drops_what_it_sends(monkeypatch) -> None:
    monkeypatch.setattr(Bus, "alone", False)
    one = Node("n1")
    await one.bus.start()
    one.bus.send("hello")
    await until(lambda: one.bus.dropped == 1)
    await one.bus.stop()


async def test_a_database_that_is_slow_to_fail_is_not_blamed_on_redis(monkeypatch, caplog):
    gave_up = asyncio.Event()

    async def unknown():
        # Longer than the layer's own limit.
        await asyncio.sleep(0.05)
        gave_up.set()
        raise SiteUnknownError("the database does not tell")

    monkeypatch.setattr(module, "known_name", unknown)
    monkeypatch.setattr(module, "SET_UP_SECONDS", 0.01)
    monkeypatch.setattr(module, "why", OnceAMinute())
    await drops_what_it_sends(monkeypatch)
    assert gave_up.is_set()
    (said,) = [record.getMessage() for record in caplog.records if "Cannot reach" in record.getMessage()][:1]
    assert said == "Cannot reach other nodes until the database answers: the database does not tell"


@pytest.mark.parametrize(
    ("error", "redis_url", "what"),
    [
        (SiteUnknownError("no name"), "", "the database"),
        (ConnectionError("no Redis"), "redis://localhost", "the Redis of REDIS_URL"),
        (ConnectionError("no Redis"), "", "the channel layer"),
    ],
)
def test_it_names_what_it_waits_for(monkeypatch, settings, caplog, error, redis_url, what):
    settings.REDIS_URL = redis_url
    monkeypatch.setattr(module, "why", OnceAMinute())
    module._say_why(error)
    assert f"until {what} answers: {error}" in caplog.text


class Hanging(Unreachable):
    async def group_send(self, group, message):
        await asyncio.Event().wait()


async def test_a_hanging_layer_times_out(monkeypatch):
    monkeypatch.setattr(module, "get_channel_layer", Hanging)
    monkeypatch.setattr(module, "SET_UP_SECONDS", 0.01)
    await drops_what_it_sends(monkeypatch)


async def test_a_layer_that_comes_back_is_used_again(monkeypatch, node):
    layers = iter([Unreachable(), Unreachable()])
    real = get_channel_layer()
    monkeypatch.setattr(module, "get_channel_layer", lambda: next(layers, real))
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.01)
    one, other = await node("n1"), await node("n2")
    await acquainted(one, other)


async def test_a_layer_with_a_few_late_answers_separates_nodes_only_for_seconds(monkeypatch, node):
    layers = [Hanging()] * 3
    real = get_channel_layer()

    class Late:
        new_channel, group_add, receive = real.new_channel, real.group_add, real.receive

        async def group_send(self, group, message):
            await (layers.pop() if layers else real).group_send(group, message)

    monkeypatch.setattr(module, "SET_UP_SECONDS", 0.05)
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.01)
    one = await node("n1")
    monkeypatch.setattr(module, "get_channel_layer", Late)
    other = await node("n2")
    await acquainted(one, other)
    assert len(real.channels) == 2


def lines(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records]


@pytest.fixture
def said(monkeypatch) -> None:
    monkeypatch.setattr(module, "said", SaidOnce(module.logger))


async def test_nodes_of_another_version_are_not_heard_and_each_logs_it_once(node, said, caplog):
    one, other, third = await node("n1"), await node("n2"), await node("n3", version=2)
    await acquainted(one, other)
    for number in range(5):
        one.bus.send(number)
        third.bus._members.heard["n1"] = LastHeard("n1", math.inf)
        third.bus.send(number)
        await asyncio.sleep(0.02)
    other.bus.send("hello")
    await until(lambda: len(other.heard) == 5 and len(lines(caplog)) == 3)
    assert set(one.bus.others.values()) == {"n2"}
    assert sorted(lines(caplog)) == [
        f"Messages of node {name} in the group group: their version is {version}, this release reads {reads}; "
        "this is logged once"
        for name, version, reads in (("n1", 1, 2), ("n2", 1, 2), ("n3", 2, 1))
    ]


async def test_a_message_of_a_release_without_versions_has_the_first_version(node):
    one, other = await node("n1"), await node("n2")
    await acquainted(one, other)
    await said_by_hand([*("m", "n0", False), ["item"]])
    await until(lambda: one.heard == [("n0", "item")])


async def test_an_invalid_message_is_logged_once_however_often_it_comes(node, said, caplog):
    one, other = await node("n1"), await node("n2")
    await acquainted(one, other)
    for _ in range(3):
        await said_by_hand({"of": "another kind"})
    await said_by_hand([*("m", "n0", False), ["item"], 1, "added later"])
    await until(lambda: one.heard == other.heard == [("n0", "item")])
    (line,) = lines(caplog)
    assert line.startswith("A message of the group group: it is skipped: ")


async def test_an_unreadable_item_does_not_affect_the_others(node, said, caplog):
    one, other = await node("n1"), await node("n2")
    await acquainted(one, other)
    other.bus._handler = lambda _, item: other.heard.append(item) if item else 1 / 0
    for item in (0, 1, 0, 2):
        one.bus.send(item)
    await until(lambda: other.heard == [1, 2])
    (line,) = lines(caplog)
    assert line.startswith("An item of node n1 in the group group: it is skipped: ZeroDivisionError")


async def said_by_hand(letter) -> None:
    """A message as another release may write it."""
    layer = get_channel_layer()
    await layer.group_send(channel_of("test", "group"), {"type": "letter", "letter": msgspec.msgpack.encode(letter)})


async def test_a_stopped_bus_can_be_started_again(node):
    one, other = await node("n1"), await node("n2")
    await acquainted(one, other)
    await one.bus.stop()
    await one.bus.start()
    other.bus.send("hello")
    await until(lambda: one.heard == [("n2", "hello")] and one.bus.member in other.bus.others)
