import subprocess
from contextlib import closing
from urllib.parse import quote

import pytest
from celery import Celery
from redis import Redis, RedisError

from avatar_site.configuration.service_urls import broker_url, encoded, redis_url, unix_url
from avatar_site.supervisor.embedded_valkey import server_binary
from tests.site import eventually, free_port

PASSWORD = "p#s/w?r%d+@:x &="


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A Valkey with a password on a port and on a socket in a folder with an awkward name."""
    directory = tmp_path_factory.mktemp("C# co+de 100%41 v")
    port, socket = free_port(), directory / "valkey.sock"
    options = ["--port", str(port), "--unixsocket", str(socket), "--requirepass", PASSWORD, "--save", ""]
    with subprocess.Popen([server_binary(), *options], cwd=directory, stdout=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: answers(port), what="Valkey answers")
            yield port, socket
        finally:
            process.terminate()


def answers(port: int) -> bool:
    try:
        with closing(Redis(port=port, password=PASSWORD)) as client:
            return client.ping()
    except RedisError:
        return False


@pytest.mark.parametrize(
    "template",
    [
        "redis://:{password}@127.0.0.1:{port}/3",
        "redis://default:{password}@127.0.0.1:{port}/3",
        "redis://:{password}@127.0.0.1:{port}?db=4",
        "redis://127.0.0.1:{port}/5?password={quoted}",
        "redis://:{quoted}@127.0.0.1:{port}",
        "unix://{socket}?db=6&password={quoted}",
        "unix://{socket}?password={password}&db=6",
        "unix://{socket}?db=6&password={password}",
        "redis://127.0.0.1:{port}/5?password={password}",
        "redis://127.0.0.1:{port}?username=default&password={password}",
        "unix://:{password}@{socket}?db=7",
        "unix://:{quoted}@{socket}",
    ],
)
def test_redis_and_celery_reach_the_same_database_with_any_password(server, template):
    port, socket = server
    url = redis_url(
        template.format(port=port, socket=quote(str(socket)), password=PASSWORD, quoted=quote(PASSWORD, safe=""))
    )
    with closing(Redis.from_url(url)) as client, Celery(broker=broker_url(url)).connection_for_write() as broker:
        client.set("url", url)
        assert broker.default_channel.client.get("url") == url.encode()


def test_a_url_that_is_encoded_stays_as_it_is():
    assert encoded("redis://user:p%23s@host/0") == "redis://user:p%23s@host/0"
    assert encoded("unix:///a@b/c.sock") == "unix:///a@b/c.sock"


def test_celery_verifies_certificates_unless_the_url_says_otherwise():
    assert broker_url("rediss://host:6380/1") == "rediss://host:6380/1?ssl_cert_reqs=required"
    assert broker_url("rediss://host/1?ssl_cert_reqs=none") == "rediss://host/1?ssl_cert_reqs=none"


def test_a_socket_may_have_any_path(tmp_path):
    assert unix_url(tmp_path / "C# co+de?" / "v.sock", 2) == f"unix://{tmp_path}/C%23%20co%2Bde%3F/v.sock?db=2"


@pytest.mark.parametrize(
    "text",
    ["localhost", "localhost:6379", "http://host", "redis://host:port", "redis://host/name", "redis://[::1", "unix://",
     "redis://host:0/1", "redis://host?db=x", "rediss://host:99999/1"],
)  # fmt: skip
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=r"^a URL that begins with redis://"):
        redis_url(text)


@pytest.mark.parametrize(
    "text",
    ["redis://host?foo=1", "redis://host?decode_responses=true", "redis://host?socket_timeout=5",
     "redis://host?ssl_cert_reqs=none", "rediss://host?ssl_cert_reqs=bogus", "unix:///socket?ssl_cert_reqs=none"],
)  # fmt: skip
def test_an_option_that_would_break_the_site_is_refused_before_anything_connects(text):
    with pytest.raises(ValueError, match=r"^a URL that begins with redis://.* with the options db, "):
        redis_url(text)


@pytest.mark.parametrize(
    "query", ["health_check_interval=30", "client_name=site", "ssl_cert_reqs=none&ssl_ca_certs=/c.pem"]
)
def test_options_that_harm_nothing_are_taken(query):
    assert redis_url(f"rediss://host?{query}") == f"rediss://host?{query}"
