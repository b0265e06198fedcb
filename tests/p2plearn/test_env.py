import sys
from functools import partial

import pytest
from django.core.exceptions import ImproperlyConfigured

from p2plearn import env as environment

STRONG = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_what_is_not_said_is_production(monkeypatch):
    monkeypatch.setenv("ENVIRONMENT", "")
    with pytest.raises(ImproperlyConfigured, match="must be one of production, development, test"):
        environment.environment()

    monkeypatch.delenv("ENVIRONMENT")
    assert environment.environment() == "production"


@pytest.mark.parametrize(
    "key", ["short", "x" * 60, "abcabc" * 10, f"django-insecure-{STRONG}"], ids=len
)
def test_production_refuses_a_weak_signing_key(key, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", key)

    assert environment.secret_key(is_production=False) == key
    with pytest.raises(ImproperlyConfigured, match="too weak"):
        environment.secret_key(is_production=True)


@pytest.mark.parametrize("is_production", [True, False])
def test_no_environment_makes_up_a_signing_key(is_production, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "")

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        environment.secret_key(is_production=is_production)


def test_the_keys_for_what_is_at_rest_are_listed_newest_first(monkeypatch):
    monkeypatch.setenv("ENCRYPTION_KEYS", "new,old")

    assert environment.encryption_keys(STRONG, is_production=True) == ["new", "old"]


def test_only_production_demands_keys_of_their_own(monkeypatch):
    monkeypatch.delenv("ENCRYPTION_KEYS", raising=False)
    monkeypatch.delenv("JWT_SIGNING_KEYS", raising=False)

    for keys in (environment.encryption_keys, environment.jwt_keys):
        derived = keys(STRONG, is_production=False)
        assert len(derived) == 1
        assert derived != keys(STRONG[::-1], is_production=False)
        assert STRONG not in derived[0]
        with pytest.raises(ImproperlyConfigured, match="KEYS is not set"):
            keys(STRONG, is_production=True)


def test_a_short_key_for_tokens_is_refused(monkeypatch):
    monkeypatch.setenv("JWT_SIGNING_KEYS", f"{STRONG},short")

    with pytest.raises(ImproperlyConfigured, match="at least 32 characters"):
        environment.jwt_keys(STRONG, is_production=False)


@pytest.mark.parametrize(
    ("variable", "value", "library", "read"),
    [
        ("CACHE_URL", "redis://db.example.com/2", "redis", environment.cache),
        (
            "JOBS_URL",
            "redis://db.example.com/1",
            "redis",
            partial(environment.jobs, is_immediate=False),
        ),
        ("METRICS_TOKEN", STRONG, "prometheus_client", environment.metrics_token),
        (
            "SENTRY_DSN",
            "https://key@sentry.example.com/1",
            "sentry_sdk",
            environment.sentry_dsn,
        ),
    ],
)
def test_a_setting_whose_library_is_missing_says_what_to_install(
    variable, value, library, read, monkeypatch
):
    monkeypatch.setenv(variable, value)
    assert read()

    # None makes Python raise ImportError.
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImproperlyConfigured, match=f"{variable} needs .*requirements-"):
        read()


def test_a_token_for_figures_must_be_hard_to_guess(monkeypatch):
    monkeypatch.setenv("METRICS_TOKEN", "short")

    with pytest.raises(ImproperlyConfigured, match="at least 32 characters"):
        environment.metrics_token()


def test_debug_is_for_development(monkeypatch):
    monkeypatch.setenv("DEBUG", "on")

    assert environment.debug(is_production=False)
    with pytest.raises(ImproperlyConfigured, match="DEBUG must be off"):
        environment.debug(is_production=True)


def test_sqlite_takes_its_write_lock_at_once_and_waits_for_it(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:////somewhere/db.sqlite3")

    config = environment.database()

    assert config["ENGINE"] == "django.db.backends.sqlite3"
    assert config["OPTIONS"] == {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;",
    }


def test_postgres_keeps_its_connections(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@db.example.com/p2plearn")

    config = environment.database()

    assert (config["ENGINE"], config["HOST"]) == (
        "django.db.backends.postgresql",
        "db.example.com",
    )
    assert (config["CONN_MAX_AGE"], config["CONN_HEALTH_CHECKS"]) == (60, True)
    assert config["OPTIONS"] == {
        "connect_timeout": 5,
        "options": "-c lock_timeout=20s",
        "tcp_user_timeout": 10_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }


def test_how_long_to_wait_for_a_lock_is_a_setting(monkeypatch):
    monkeypatch.setenv("DATABASE_TIMEOUT", "3")
    monkeypatch.setenv("DATABASE_URL", "sqlite:////somewhere/db.sqlite3")
    in_sqlite = environment.database()["OPTIONS"]["timeout"]
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@db.example.com/p2plearn")
    in_postgres = environment.database()["OPTIONS"]["options"]

    assert (in_sqlite, in_postgres) == (3, "-c lock_timeout=3s")


@pytest.mark.parametrize(
    ("url", "kind", "place"),
    [
        ("", "huey.SqliteHuey", {"filename": str(environment.VAR_DIR / "jobs.sqlite3")}),
        (
            "redis://db.example.com/1",
            "huey.RedisHuey",
            {"url": "redis://db.example.com/1?socket_connect_timeout=2&socket_timeout=5"},
        ),
        (
            "rediss://:pass%40word@db.example.com/1?socket_timeout=9",
            "huey.RedisHuey",
            {
                "url": "rediss://:pass%40word@db.example.com/1"
                "?socket_connect_timeout=2&socket_timeout=9"
            },
        ),
    ],
    ids=["file", "redis", "redis with its own timeout"],
)
def test_the_queue_is_a_file_until_a_server_is_named(url, kind, place, monkeypatch):
    monkeypatch.setenv("JOBS_URL", url)

    config = environment.jobs(is_immediate=False)

    assert config["huey_class"] == kind
    assert config.items() >= place.items()


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("dbcache://site_cache", {"MAX_ENTRIES": 20_000}),
        ("dbcache://site_cache?max_entries=5", {"MAX_ENTRIES": 5}),
        ("redis://db.example.com/2", {"socket_connect_timeout": 2, "socket_timeout": 5}),
        (
            "redis://db.example.com/2?socket_timeout=9",
            {"socket_connect_timeout": 2, "socket_timeout": 9},
        ),
    ],
)
def test_the_cache_holds_many_limits_and_keeps_nobody_waiting(url, options, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("CACHE_URL", url)

    assert environment.cache().get("OPTIONS") == options


def test_on_mongodb_the_cache_is_a_collection_unless_it_is_elsewhere(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mongodb://db.example.com/p2plearn?replicaSet=rs0")
    monkeypatch.setenv("CACHE_URL", "dbcache://site_cache")
    here = environment.cache()
    monkeypatch.setenv("CACHE_URL", "redis://db.example.com/2")
    elsewhere = environment.cache()

    assert here == {"BACKEND": "p2plearn.mongodb.cache.CollectionCache", "LOCATION": "site_cache"}
    assert elsewhere["BACKEND"] == "django.core.cache.backends.redis.RedisCache"


def test_mongodb_keeps_its_whole_address(monkeypatch):
    url = "mongodb://me:secret@a.example.com,b.example.com/p2plearn?replicaSet=rs0"
    monkeypatch.setenv("DATABASE_URL", url)

    config = environment.database()

    assert (config["ENGINE"], config["HOST"], config["NAME"]) == (
        "p2plearn.mongodb",
        url,
        "p2plearn",
    )


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("db.sqlite3", "must begin with"),
        ("mysql://me:secret@db.example.com/p2plearn", "must begin with"),
        ("sqlite://", "names no file"),
        ("postgresql://me:secret@db.example.com", "names no database"),
        ("postgresql://me:secret@db.example.com:port/p2plearn", "cannot be read"),
        ("mongodb://me:secret@db.example.com/?replicaSet=rs0", "names no database"),
        ("mongodb://me:secret@[db/p2plearn", "cannot be read"),
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(url, complaint, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(ImproperlyConfigured, match=complaint) as caught:
        environment.database()

    assert "secret" not in str(caught.value)
