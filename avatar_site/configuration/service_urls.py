"""URLs of Redis and databases as people write them: with any character in the password.

A URL is split at its first `#`, `?` or `/`, even inside a password, so passwords have to be percent-encoded, and few
people do that. Here a password extends to the last `@`, and encoded characters stay as they are.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

REDIS_ALLOWED = "a URL that begins with redis://, rediss:// or unix://, such as redis://:password@host:6379/0"


OPTIONS = re.compile(
    r"db|username|password|client_name|health_check_interval|socket_keepalive|"
    r"ssl_(keyfile|certfile|password|cert_reqs|ca_certs|ca_path|check_hostname|min_version|ciphers)"
)
OPTIONS_ALLOWED = (
    "db, username, password, client_name, health_check_interval, socket_keepalive and, of rediss://, ssl_…"
)
"""Other options would change what is read, or how long to wait; the site decides these itself."""

PASSWORD_OPTION = re.compile(
    r"(?P<before>^[a-z0-9+]+://(/[^?]*|[^@?]*)\?([a-z_]+=[^&]*&)*password=)(?P<password>.*?)(?=&[a-z_]+=|$)",
    re.IGNORECASE | re.DOTALL,
)
"""A password among the options extends to the end of the URL, or to the next option."""


def encoded(url: str) -> str:
    """The URL with user and password percent-encoded if they are not, including a password among the options."""
    url = PASSWORD_OPTION.sub(lambda found: found["before"] + _encoded(found["password"]), url)
    scheme, separator, rest = url.partition("://")
    user_and_password, at, place = rest.rpartition("@")
    if not at or rest.startswith("/"):
        return url
    user, colon, password = user_and_password.partition(":")
    return f"{scheme}{separator}{_encoded(user)}{colon}{_encoded(password)}@{place}"


def _encoded(text: str) -> str:
    # A percent sign that encodes nothing is part of the password.
    return quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text), safe="%")


def unix_url(socket: Path, database: int = 0) -> str:
    """The REDIS_URL for a Unix socket."""
    return f"unix://{quote(str(socket))}?db={database}"


def redis_url(text: str) -> str:
    """A URL that redis-py understands. Raises ValueError with what is allowed."""
    # Imported late: with the embedded Valkey most commands need no redis-py.
    from redis import RedisError
    from redis.connection import parse_url

    from monitoring.redis_connections import check_url

    url = encoded(text)
    try:
        parts, parsed = urlsplit(url), parse_url(url)  # type: ignore[no-untyped-call]
        place_is_known = bool(parsed.get("path") if parts.scheme == "unix" else parts.port != 0)
        number = "" if parts.scheme == "unix" else parts.path.strip("/")
    except ValueError as error:
        raise ValueError(REDIS_ALLOWED) from error
    if not place_is_known or (number and not number.isdecimal()):
        raise ValueError(REDIS_ALLOWED)
    try:
        if not all(OPTIONS.fullmatch(name) for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
            raise ValueError(OPTIONS_ALLOWED)
        # redis-py knows which options fit which kind of URL, and some of their values; nothing is connected yet.
        check_url(url)
    except (RedisError, TypeError, ValueError) as error:
        raise ValueError(f"{REDIS_ALLOWED}, with the options {OPTIONS_ALLOWED}") from error
    return url


def broker_url(url: str) -> str:
    """The same server and database in Celery's spelling, which differs from redis-py's."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    user, password = parts.username or quote(options.get("username", ""), safe=""), parts.password
    password = password or quote(options.get("password", ""), safe="")
    account = f"{user}:{password}@" if user or password else ""
    if parts.scheme == "unix":
        return f"redis+socket://{account}{parts.path}?virtual_host={options.get('db', 0)}"
    number = options.get("db") or parts.path.strip("/") or 0
    tls = {name: value for name, value in options.items() if name.startswith("ssl_")}
    if parts.scheme == "rediss":
        tls.setdefault("ssl_cert_reqs", "required")
    query = f"?{urlencode(tls)}" if tls else ""
    return f"{parts.scheme}://{account}{parts.netloc.rpartition('@')[2]}/{number}{query}"
