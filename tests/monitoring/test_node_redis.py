import asyncio

import pytest
from redis.exceptions import RedisError

from monitoring.node_redis import NodeRedis
from tests.slow_proxy import far_away
from tests.waiting import until


async def answered(redis: NodeRedis) -> bool:
    try:
        async with redis.calling() as client:
            return bool(await client.ping())
    except TimeoutError:
        return False


@pytest.mark.parametrize("seconds", [0.05, 0.15])
async def test_a_distant_redis_answers_once_its_connection_is_set_up(valkey, redis, seconds):
    async with far_away(str(valkey.socket), seconds) as port:
        node = NodeRedis(f"redis://127.0.0.1:{port}/0")
        async with asyncio.timeout(20):
            while not await answered(node):  # noqa: ASYNC110 - that it is set up is no event that one could wait for
                await asyncio.sleep(0.01)
        # A request that a busy machine abandoned takes a moment to go.
        await until(lambda: len(redis.client_list()) == 2)
        await node.close()


async def listen_silently(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def test_a_caller_waits_only_a_moment_for_a_silent_redis(monkeypatch):
    monkeypatch.setattr("monitoring.node_redis.CALL_SECONDS", 0.01)
    async with asyncio.timeout(5), await asyncio.start_server(listen_silently, "127.0.0.1", 0) as silent:
        node = NodeRedis(f"redis://127.0.0.1:{silent.sockets[0].getsockname()[1]}/0")
        assert not await answered(node)
        assert not await answered(node)
        await node.close()


async def test_after_an_error_the_connection_is_made_again(redis, redis_url):
    node = NodeRedis(redis_url)
    assert await answered(node)
    redis.client_kill_filter(_type="normal", skipme=True)
    with pytest.raises(RedisError):
        async with node.calling() as client:
            await client.ping()
    assert await answered(node)
    await node.close()
