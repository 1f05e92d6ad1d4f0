import socket
import threading
from collections.abc import Iterator

import pytest
from redis.exceptions import RedisError

from monitoring.fleet.redis_layer import WaitingPubSubChannelLayer
from monitoring.redis_connections import CALL_SECONDS, PROTOCOL, SET_UP_SECONDS, check_url, connect, connect_async


@pytest.fixture
def hangs_up() -> Iterator[tuple[str, list[None]]]:
    """The URL of a server that closes each connection at once, and a list with an item for each of them."""
    accepted: list[None] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                accepted.append(None)
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0", accepted
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_a_call_that_fails_is_not_tried_again(hangs_up):
    url, accepted = hangs_up
    with connect(url) as client, pytest.raises(RedisError):
        client.ping()
    assert len(accepted) == 1


async def test_nor_is_it_with_asyncio(hangs_up):
    url, accepted = hangs_up
    client = connect_async(url)
    with pytest.raises(RedisError):
        await client.ping()
    await client.aclose()
    assert len(accepted) == 1


def test_both_kinds_have_the_same_options():
    names = ("protocol", "socket_connect_timeout", "health_check_interval")
    sync, asynchronous = connect("redis://h:1/2", SET_UP_SECONDS), connect_async("redis://h:1/2")
    options = [client.connection_pool.connection_kwargs for client in (sync, asynchronous)]
    expected = (PROTOCOL, SET_UP_SECONDS, 0)
    assert [tuple(one[name] for name in names) for one in options] == [expected, expected]
    assert [one["socket_timeout"] for one in options] == [SET_UP_SECONDS, SET_UP_SECONDS]
    # Before redis-py 6 there is no other way to ask.
    assert [one["retry"]._retries for one in options] == [0, 0]


def test_a_call_takes_half_a_second_at_most_unless_its_caller_has_time():
    options = [connect("redis://h:1/2", *seconds).connection_pool.connection_kwargs for seconds in ((), (10.0,))]
    assert [one["socket_timeout"] for one in options] == [CALL_SECONDS, 10.0]
    assert [one["socket_connect_timeout"] for one in options] == [CALL_SECONDS, 10.0]


def test_a_subscription_waits_as_long_as_it_takes_but_not_for_its_connection():
    options = connect_async("redis://h:1/2", None).connection_pool.connection_kwargs
    assert (options["socket_timeout"], options["socket_connect_timeout"]) == (None, SET_UP_SECONDS)


async def test_the_url_may_name_the_connections(redis, redis_url):
    url = f"{redis_url}&client_name=avatars"
    asynchronous = connect_async(url)
    layer = WaitingPubSubChannelLayer(hosts=[{"address": url, "socket_timeout": None}])
    with connect(url) as client:
        client.ping()
        await asynchronous.ping()
        await layer.group_send("nodes", {"type": "news"})
        named = [one for one in redis.client_list() if one["name"] == "avatars"]
        assert (len(named), {one["resp"] for one in named}) == (3, {str(PROTOCOL)})
    await asynchronous.aclose()
    await layer.flush()


def test_a_url_is_checked_without_a_connection():
    check_url("redis://nobody.invalid:1/0?health_check_interval=5")
    with pytest.raises(TypeError):
        check_url("redis://nobody.invalid:1/0?shoe_size=5")
