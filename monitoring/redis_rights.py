"""Checks the rights that a Redis user needs by running each command once without effect."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from redis import Redis
from redis.exceptions import NoPermissionError, ResponseError

from monitoring.site import channel_of, key_of

Command = tuple[str, ...]

KEY, CHANNEL = "{key}", "{channel}"
# The key is missing, or gone again after its second command, so every type of command finds it missing.
JOURNAL: tuple[Command, ...] = (
    ("PING",), ("TIME",), ("INFO", "memory"),
    ("SET", KEY, "1", "EX", "60"), ("GET", KEY), ("EXISTS", KEY), ("DEL", KEY),
    ("XADD", KEY, "NOMKSTREAM", "*", "field", "1"), ("XLEN", KEY), ("XRANGE", KEY, "-", "+", "COUNT", "1"),
    ("XTRIM", KEY, "MAXLEN", "0"), ("XINFO", "STREAM", KEY),
    ("HSET", KEY, "field", "1"), ("HGETALL", KEY), ("HDEL", KEY, "field"),
    ("LPUSH", KEY, "1"), ("LTRIM", KEY, "0", "0"), ("BLPOP", KEY, "0.01"),
    ("EXEC",), ("PUBLISH", CHANNEL, ""),
)  # fmt: skip
# Between these, or after MULTI, other commands are not run.
LAST: tuple[Command, ...] = (("SUBSCRIBE", CHANNEL), ("UNSUBSCRIBE", CHANNEL), ("MULTI",))


def refusal(client: Redis, site: str, further: Iterable[Command] = ()) -> str | None:
    """What the client's user may not do, as a part of a sentence; None if it has every right.

    `further` commands are those of others than the journal and the channel layer, in which {key}, {channel}, {site} and
    {db} stand for this site's. Raises redis.RedisError.
    """
    missing, elsewhere = set(), set()
    for command, error in _tried(client, site, (*JOURNAL, *further, *LAST)):
        if " key" in error or " channel" in error:
            elsewhere.add(f"{'keys' if ' key' in error else 'channels'} such as {_own(command)}")
        else:
            missing.add(command[0])
    if missing:
        rules = " ".join(f"+{name.lower()}" for name in sorted(missing))
        return f"its user may not run {', '.join(sorted(missing))}: ACL SETUSER … {rules}"
    return f"its user may not use {' and '.join(sorted(elsewhere))}" if elsewhere else None


def _own(command: Command) -> str:
    """The key or channel in a command."""
    return next(word for word in command if word.startswith("avatar"))


def _tried(client: Redis, site: str, commands: Iterable[Command]) -> list[tuple[Command, str]]:
    """The commands that were refused, and what Redis said."""
    database = str(client.connection_pool.connection_kwargs.get("db") or 0)
    names = {"key": key_of(site, "start"), "channel": channel_of(site, "start"), "site": site, "db": database}
    filled = [tuple(word.format(**names) for word in command) for command in commands]
    connection: Any = client.connection_pool.get_connection()
    refused = []
    try:
        for command in filled:
            connection.send_command(*command)
        for command in filled:
            try:
                # In newer versions of the protocol a subscription answers with a push.
                connection.read_response(push_request=command[0].endswith("SUBSCRIBE"))
            except ResponseError as error:
                # A missing key, or a command that this server does not know, is not a question of rights.
                if isinstance(error, NoPermissionError) or "NOPERM" in str(error):
                    refused.append((command, str(error)))
    finally:
        # It may be subscribed to something.
        connection.disconnect()
        client.connection_pool.release(connection)
    return refused
