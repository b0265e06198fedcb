from collections.abc import Iterator

import pytest
import redis

from tests.e2e.servers.redis import RedisServer, skip_without_redis


@pytest.fixture
def server() -> Iterator[RedisServer]:
    skip_without_redis()
    with RedisServer() as server:
        yield server


def test_it_can_be_stopped_and_started_where_it_was(server: RedisServer) -> None:
    url = server.url_of(3)
    with redis.Redis.from_url(url) as client:
        client.set("word", "grüezi")
        before = client.get("word")

    server.stop()
    with redis.Redis.from_url(url, retry=None) as client, pytest.raises(redis.ConnectionError):
        client.get("word")
    server.start()

    with redis.Redis.from_url(server.url_of(3)) as client:
        after = client.get("word")
    assert (before, after) == ("grüezi".encode(), None)
    assert server.url_of(3) == url


def test_it_is_gone_after_the_block() -> None:
    skip_without_redis()
    with RedisServer() as server:
        url = server.url_of(0)

    with redis.Redis.from_url(url, retry=None) as client, pytest.raises(redis.ConnectionError):
        client.ping()
