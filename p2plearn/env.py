"""Settings from environment variables, read once and checked.

`.env` in the project root supplies the variables that the environment does not set.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

from p2plearn.mongodb import site as mongodb
from p2plearn.monitoring.logs import configuration

BASE_DIR = Path(__file__).resolve().parent.parent

# A server that does not answer must not hold up a page for long.
CONNECT_SECONDS = 5
# Detects a lost connection, for which the kernel would wait two hours
# (https://www.postgresql.org/docs/current/libpq-connect.html). tcp_user_timeout is in milliseconds,
# idle and interval are in seconds.
SIGNS_OF_LIFE = {
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
REDIS_TIMEOUTS = {"socket_connect_timeout": 2, "socket_timeout": 5}

ENVIRONMENTS = ("production", "development", "test")
# What DATABASE_URL may begin with.
DATABASE_SCHEMES = ("sqlite", "postgresql", "postgres", *mongodb.SCHEMES)

env = Env()
env.read_env(BASE_DIR / ".env", overwrite=False)

# The folder for files that the site writes. Where there are releases it is outside the code.
VAR_DIR = Path(env.str("VAR_DIR", default="") or BASE_DIR / "var")


def environment() -> str:
    """One of ENVIRONMENTS; production by default, so that forgetting it is safe."""
    name: str = env.str("ENVIRONMENT", default="production")
    if name not in ENVIRONMENTS:
        raise ImproperlyConfigured(
            f"ENVIRONMENT is {name!r}; it must be one of {', '.join(ENVIRONMENTS)}."
        )
    return name


def secret_key(*, is_production: bool) -> str:
    """The signing key. Production refuses one that is missing, short or an example."""
    key: str = env.str("SECRET_KEY", default="")
    if not key:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Put one into the environment or into .env; "
            "`python -c 'import secrets; print(secrets.token_urlsafe(64))'` makes one."
        )
    if is_production and (len(key) < 50 or len(set(key)) < 10 or key.startswith("django-insecure")):
        raise ImproperlyConfigured(
            "SECRET_KEY is too weak for production: use at least 50 random characters."
        )
    return key


def encryption_keys(signing_key: str, *, is_production: bool) -> list[str]:
    """Fernet keys for encryption at rest, newest first.

    Production must set them; elsewhere one is derived from the signing key.
    """
    keys: list[str] = env.list("ENCRYPTION_KEYS", default=[])
    if keys:
        return keys
    if is_production:
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS is not set. `python -c 'from cryptography.fernet import Fernet; "
            "print(Fernet.generate_key().decode())'` makes a key."
        )
    return [urlsafe_b64encode(sha256(b"at rest" + signing_key.encode()).digest()).decode()]


def jwt_keys(signing_key: str, *, is_production: bool) -> list[str]:
    """Keys that sign the API's tokens, newest first, each of at least 32 characters.

    Production must set them; elsewhere one is derived from the signing key.
    """
    keys: list[str] = env.list("JWT_SIGNING_KEYS", default=[])
    if not keys and not is_production:
        return [sha256(b"tokens" + signing_key.encode()).hexdigest()]
    if not keys:
        raise ImproperlyConfigured(
            "JWT_SIGNING_KEYS is not set. "
            "`python -c 'import secrets; print(secrets.token_urlsafe(48))'` makes a key."
        )
    if any(len(key) < 32 for key in keys):
        raise ImproperlyConfigured("Each of JWT_SIGNING_KEYS needs at least 32 characters.")
    return keys


def debug(*, is_production: bool) -> bool:
    """DEBUG, which production refuses: its error pages show settings and source."""
    on: bool = env.bool("DEBUG", default=False)
    if on and is_production:
        raise ImproperlyConfigured("DEBUG must be off in production (ENVIRONMENT=production).")
    return on


def database() -> dict[str, Any]:
    """The one database, from DATABASE_URL; SQLite in var/ when it is not set."""
    url: str = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'db.sqlite3'}"
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in DATABASE_SCHEMES:
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with sqlite:///, postgresql:// or mongodb://."
        )
    patience: int = env.int("DATABASE_TIMEOUT", default=20)
    if scheme in mongodb.SCHEMES:
        _require("django_mongodb_backend", "DATABASE_URL", "requirements-mongodb.txt")
        return mongodb.database(url, patience)
    try:
        config: dict[str, Any] = Env.db_url_config(url)
    except ValueError as error:
        # Without the URL, which may contain a password.
        raise ImproperlyConfigured("DATABASE_URL cannot be read as an address.") from error
    options = config.setdefault("OPTIONS", {})
    if scheme == "sqlite":
        if not rest.strip("/"):
            raise ImproperlyConfigured("DATABASE_URL names no file: sqlite:////folder/file")
        # Take the write lock at BEGIN: a transaction that reads first and then writes would fail
        # immediately instead of waiting (https://www.sqlite.org/lang_transaction.html).
        options.update(
            transaction_mode="IMMEDIATE",
            timeout=patience,
            init_command="PRAGMA journal_mode=WAL;",
        )
    else:
        _require("psycopg", "DATABASE_URL", "requirements-postgres.txt")
        if not config["NAME"]:
            raise ImproperlyConfigured("DATABASE_URL names no database: postgresql://host/name")
        config.update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
        options.setdefault("connect_timeout", CONNECT_SECONDS)
        options.setdefault("options", f"-c lock_timeout={patience}s")
        for name, value in SIGNS_OF_LIFE.items():
            options.setdefault(name, value)
    return config


def cache() -> dict[str, Any]:
    """The cache for rate limits, from CACHE_URL; by default a table of the database.

    All processes must share it.
    """
    config: dict[str, Any] = env.cache_url("CACHE_URL", default="dbcache://site_cache")
    if config["BACKEND"].endswith(".RedisCache"):
        _require("redis", "CACHE_URL", "requirements-redis.txt")
        config["OPTIONS"] = REDIS_TIMEOUTS | config.get("OPTIONS", {})
    if config["BACKEND"].endswith(".DatabaseCache"):
        if database()["ENGINE"] == mongodb.ENGINE:
            return config | {"BACKEND": mongodb.CACHE}
        config["BACKEND"] = "p2plearn.cache.DatabaseCache"
        # Above the maximum, by default 300, Django deletes entries at random, and with them counts
        # of rate limits. Each write counts all entries, so Redis is better for many more.
        config.setdefault("OPTIONS", {}).setdefault("MAX_ENTRIES", 20_000)
    return config


def account_limits() -> dict[str, str]:
    """`{action: amount/period/per}`; allauth's defaults apply to other actions."""
    return {
        "signup": env.str("RATE_SIGNUP", default="20/m/ip"),
        "login": env.str("RATE_LOGIN", default="30/m/ip"),
        "login_failed": env.str("RATE_LOGIN_FAILED", default="30/m/ip,5/5m/key"),
        "book": env.str("RATE_BOOK", default="10/m/user,60/h/user"),
        "photo": env.str("RATE_PHOTO", default="5/m/user,30/h/user"),
    }


def api_limits() -> dict[str, str]:
    """The same for calls of the API, with and without a log-in."""
    return {
        "api": env.str("RATE_API", default="300/m/user,1200/m/ip"),
        "api_anonymous": env.str("RATE_API_ANONYMOUS", default="60/m/ip"),
    }


def jobs(*, is_immediate: bool) -> dict[str, Any]:
    """The queue between web and worker, from JOBS_URL; a file in var/ when it is not set."""
    url: str = env.str("JOBS_URL", default="")
    if url:
        _require("redis", "JOBS_URL", "requirements-redis.txt")
    place = (
        {"huey_class": "huey.RedisHuey", "url": _patient_for_seconds(url)}
        if url
        else {"huey_class": "huey.SqliteHuey", "filename": str(VAR_DIR / "jobs.sqlite3")}
    )
    return place | {
        "name": "p2plearn",
        "immediate": is_immediate,
        "results": False,
        "consumer": {
            "workers": 2,
            "worker_type": "thread",
            "initial_delay": 0.1,
            "max_delay": 2.0,
            # SIGTERM lets running jobs finish, for shutdown_timeout seconds at most.
            "graceful_signal": "TERM",
            "shutdown_timeout": 25,
        },
    }


def _require(library: str, variable: str, file: str) -> None:
    """Raise ImproperlyConfigured, with what to install, if the library is missing."""
    if find_spec(library) is None:
        raise ImproperlyConfigured(f"{variable} needs {library}: pip install -r {file}")


def _patient_for_seconds(url: str) -> str:
    """The URL of Redis, with REDIS_TIMEOUTS where it does not set them itself."""
    parts = urlsplit(url)
    query = REDIS_TIMEOUTS | dict(parse_qsl(parts.query))
    return urlunsplit(parts._replace(query=urlencode(query)))


def metrics_token() -> str:
    """The token that /metrics requires; empty turns it off."""
    token: str = env.str("METRICS_TOKEN", default="")
    if token and len(token) < 32:
        raise ImproperlyConfigured("METRICS_TOKEN needs at least 32 characters.")
    if token:
        _require("prometheus_client", "METRICS_TOKEN", "requirements-metrics.txt")
    return token


def sentry_dsn() -> str:
    """Sentry's address for error reports; empty turns them off."""
    dsn: str = env.str("SENTRY_DSN", default="")
    if dsn:
        _require("sentry_sdk", "SENTRY_DSN", "requirements-sentry.txt")
    return dsn


def logs(*, is_production: bool) -> dict[str, Any]:
    """Django's LOGGING, from LOG_LEVEL and LOG_FORMAT."""
    form: str = env.str("LOG_FORMAT", default="json" if is_production else "text")
    if form not in ("json", "text"):
        raise ImproperlyConfigured(f"LOG_FORMAT is {form!r}; it must be json or text.")
    return configuration(level=env.str("LOG_LEVEL", default="INFO"), as_json=form == "json")
