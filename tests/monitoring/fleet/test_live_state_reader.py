"""A node reads what the database's side has published, over a real Redis."""

import logging
from contextlib import asynccontextmanager

import pytest

from monitoring.core.alert_instructions import AnsweredAlert, LiveState, decode, encode
from monitoring.core.alert_rules import Rule
from monitoring.core.wire.other_formats import SaidOnce
from monitoring.fleet import live_state_reader as module
from monitoring.fleet import subscription
from monitoring.fleet.live_state_reader import LiveStateReader
from monitoring.site import channel_of, key_of, name
from tests.waiting import until


def state(threshold: float = 1.0) -> LiveState:
    return LiveState.of([Rule("connections", threshold, threshold, "warning", "Busy", name="busy")], [])


def publish(redis, data: bytes, *, is_announced: bool = True) -> None:
    redis.set(key_of(name(), "alerting"), data)
    if is_announced:
        redis.publish(channel_of(name(), "alerting"), "")


@asynccontextmanager
async def reading(url: str):
    applied: list[LiveState] = []
    reader = LiveStateReader(url, applied.append)
    await reader.start()
    try:
        yield applied
    finally:
        await reader.stop()


@pytest.fixture(autouse=True)
def fresh(settings, monkeypatch) -> None:
    monkeypatch.setattr(module, "said", SaidOnce(module.logger))
    settings.AVATAR_MONITORING = {"AVATAR_SITE": "told"}


def thresholds(applied: list[LiveState]) -> list[float]:
    return [one.in_force({})["busy"].threshold for one in applied]


async def test_it_reads_at_the_start_and_after_every_change(redis, redis_url):
    publish(redis, encode(state(1.0)))
    async with reading(redis_url) as applied:
        await until(lambda: len(applied) == 1)
        publish(redis, encode(state(2.0)))
        await until(lambda: len(applied) == 2)
    assert thresholds(applied) == [1.0, 2.0]


async def test_a_change_that_nobody_announced_is_noticed_anyway_and_the_subscription_made_anew(
    redis, redis_url, monkeypatch
):
    def subscriptions() -> set[str]:
        return {one["id"] for one in redis.client_list(_type="pubsub")}

    monkeypatch.setattr(module, "LOOK_SECONDS", 0.05)
    publish(redis, encode(state(1.0)))
    async with reading(redis_url) as applied:
        await until(lambda: applied)
        before = subscriptions()
        publish(redis, encode(state(2.0)), is_announced=False)
        await until(lambda: len(applied) == 2)
        await until(lambda: (found := subscriptions()) and found.isdisjoint(before))
        publish(redis, encode(state(3.0)))
        await until(lambda: len(applied) == 3)


async def test_after_an_outage_it_reads_what_has_changed_meanwhile(redis, redis_url, monkeypatch, caplog):
    monkeypatch.setattr(subscription, "FIRST_PAUSE", 0.01)
    publish(redis, encode(state(1.0)))
    async with reading(redis_url) as applied:
        await until(lambda: applied)
        publish(redis, encode(state(2.0)), is_announced=False)
        with caplog.at_level(logging.INFO):
            redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            await until(lambda: len(applied) == 2)
            await until(lambda: "arrive again" in caplog.text)
    assert thresholds(applied) == [1.0, 2.0]
    assert "do not arrive; the last ones remain in force" in caplog.text


@pytest.mark.parametrize("data", [b"rubbish", encode(LiveState(version=2)), b""])
async def test_what_it_cannot_read_leaves_the_last_state(redis, redis_url, data, caplog):
    publish(redis, encode(state(1.0)))
    async with reading(redis_url) as applied:
        await until(lambda: applied)
        publish(redis, data)
        await until(lambda: "last ones remain in force" in caplog.text)
        publish(redis, encode(state(3.0)))
        await until(lambda: len(applied) == 2)
    assert thresholds(applied) == [1.0, 3.0]


async def test_a_redis_that_was_emptied_leaves_the_last_state(redis, redis_url, caplog):
    def readings() -> int:
        return redis.info("commandstats")["cmdstat_get"]["calls"]

    publish(redis, encode(state(1.0)))
    async with reading(redis_url) as applied:
        await until(lambda: applied)
        redis.flushall()
        before = readings()
        redis.publish(channel_of(name(), "alerting"), "")
        await until(lambda: readings() > before)
        publish(redis, encode(state(2.0)))
        await until(lambda: len(applied) == 2)
    assert thresholds(applied) == [1.0, 2.0]
    assert caplog.text == ""


def test_a_node_of_another_release_leaves_out_what_it_cannot_use(caplog):
    later = state()
    later.rules.append(type(later.rules[0])(b"\x81\xa8severity\xa4dire"))
    broken = LiveState.of([Rule("connections", 1.0, 1.0, "warning", "{other}", name="cpu_percent")], [])
    later.rules += broken.rules
    built_in = Rule("cpu_percent", 80.0, 76.0, "warning", "High CPU")
    rules = later.in_force({"cpu_percent": built_in})
    assert rules.keys() == {"busy", "cpu_percent"}
    assert rules["cpu_percent"] is built_in
    assert "The rule of cpu_percent: it is not in force on this node: message=" in caplog.text


def test_answers_survive_the_way():
    told = state()
    told.acknowledged.append(AnsweredAlert("busy", "web:1", "ann", 1.0, 2.0))
    assert decode(encode(told)) == told
