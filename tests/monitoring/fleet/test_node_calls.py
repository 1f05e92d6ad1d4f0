"""Processes ask nodes over a real Redis."""

import asyncio
import logging
from contextlib import asynccontextmanager

import pytest
import redis as redis_module
from asgiref.sync import sync_to_async

from monitoring.fleet import node_calls as module
from monitoring.fleet import subscription
from monitoring.fleet.asking import Replies, ask_nodes
from monitoring.fleet.node_calls import CHANNEL, NodeCalls
from monitoring.site import channel_of, name
from tests.waiting import until

in_thread = sync_to_async(ask_nodes, thread_sensitive=False)


@pytest.fixture(autouse=True)
def own_site(settings) -> None:
    settings.AVATAR_MONITORING = {"AVATAR_SITE": "calls"}


def listening(redis) -> int:
    channel = channel_of(name(), CHANNEL)
    return dict(redis.pubsub_numsub(channel))[channel.encode()]


@asynccontextmanager
async def nodes(redis, url: str, **handlers):
    """Nodes by name, each with one handler for `greet`."""
    running = [NodeCalls(url, node) for node in handlers]
    for node, handler in zip(running, handlers.values(), strict=True):
        node.handlers["greet"] = handler
        await node.start()
    await until(lambda: listening(redis) == len(running))
    try:
        yield running
    finally:
        for node in running:
            await node.stop()


async def hello(about):
    return f"hello {about}"


async def nothing(_about):
    return None


async def never(_about):
    await asyncio.Event().wait()


def said(replies: Replies) -> dict[str, object]:
    return {reply.node: reply.said for reply in replies.told}


async def test_every_node_answers_also_that_it_has_nothing_to_say(redis, redis_url):
    async with nodes(redis, redis_url, a=hello, b=nothing):
        replies = await in_thread(redis_url, "greet", "ann", 5)
    assert (said(replies), replies.are_all) == ({"a": "hello ann", "b": None}, True)


async def test_whoever_asks_waits_no_longer_than_it_wants_to_for_a_node_that_does_not_answer(redis, redis_url):
    async with nodes(redis, redis_url, a=hello, b=never):
        replies = await in_thread(redis_url, "greet", "ann", 0.2)
    assert (said(replies), replies.are_all) == ({"a": "hello ann"}, False)


async def test_whoever_asks_need_not_wait_for_more_than_is_enough(redis, redis_url):
    async with nodes(redis, redis_url, a=hello, b=never):
        replies = await in_thread(redis_url, "greet", "ann", 60, is_enough=lambda told: len(told) == 1)
    assert said(replies) == {"a": "hello ann"}


async def test_where_no_node_listens_there_is_no_answer(redis_url):
    assert await in_thread(redis_url, "greet", "ann", 5) == Replies([], are_all=True)


async def test_a_handler_that_fails_is_an_answer_without_content_and_in_the_log(redis, redis_url, caplog):
    async def fail(_about):
        raise RuntimeError("broken")

    async with nodes(redis, redis_url, a=fail):
        assert said(await in_thread(redis_url, "greet", "ann", 5)) == {"a": None}
    assert "Could not answer a question of another process: greet" in caplog.text


async def test_a_question_of_a_later_release_is_an_answer_without_content(redis, redis_url):
    async with nodes(redis, redis_url, a=hello):
        assert said(await in_thread(redis_url, "sing", None, 5)) == {"a": None}


async def test_what_is_no_question_is_skipped_and_in_the_log(redis, redis_url, caplog, monkeypatch):
    monkeypatch.setattr(module, "unread", module.OnceAMinute())
    async with nodes(redis, redis_url, a=hello):
        redis.publish(channel_of(name(), CHANNEL), b"\xff")
        assert said(await in_thread(redis_url, "greet", "ann", 5)) == {"a": "hello ann"}
    assert "A question of another process cannot be read" in caplog.text


async def test_after_an_outage_a_node_can_be_asked_again(redis, redis_url, caplog, monkeypatch):
    monkeypatch.setattr(subscription, "FIRST_PAUSE", 0.01)
    caplog.set_level(logging.INFO)
    async with nodes(redis, redis_url, a=hello):
        redis.client_kill_filter(_type="pubsub")
        await until(lambda: "Other processes can ask this node again" in caplog.text)
        assert said(await in_thread(redis_url, "greet", "ann", 5)) == {"a": "hello ann"}
    assert "Other processes cannot ask this node" in caplog.text


async def test_a_subscription_that_hears_nothing_is_asked_whether_it_works(redis, redis_url, monkeypatch):
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    async with nodes(redis, redis_url, a=hello) as (node,):
        pings = redis.info("commandstats").get("cmdstat_ping", {"calls": 0})["calls"]
        await until(lambda: redis.info("commandstats").get("cmdstat_ping", {"calls": 0})["calls"] > pings + 2)
        assert node._questions._failures == 0
        assert said(await in_thread(redis_url, "greet", "ann", 5)) == {"a": "hello ann"}


async def test_a_redis_that_is_away_is_an_error_of_whoever_asks():
    with pytest.raises(redis_module.RedisError):
        await in_thread("unix:///nowhere/valkey.sock", "greet", "ann", 1)


async def test_without_a_redis_another_thread_of_the_process_can_ask():
    calls = NodeCalls("", "a")
    calls.handlers["greet"] = hello
    await calls.start()
    reply = await asyncio.to_thread(calls.ask_here, "greet", "ann", 5)
    assert (reply.node, reply.said) == ("a", "hello ann")
    calls.handlers["greet"] = never
    assert await asyncio.to_thread(calls.ask_here, "greet", "ann", 0.01) is None
    await calls.stop()
    assert calls.ask_here("greet", "ann", 5) is None
