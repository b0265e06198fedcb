"""What the settings say differently when the database is MongoDB. Imports nothing of MongoDB's, so
that the settings can be read without it."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

ENGINE = "p2plearn.mongodb"
SCHEMES = ("mongodb", "mongodb+srv")
AUTO_FIELD = "django_mongodb_backend.fields.ObjectIdAutoField"
# Those whose rows are numbered, with the migrations in which they are not.
APPS = {
    "django.contrib.admin": "MongoAdminConfig",
    "django.contrib.auth": "MongoAuthConfig",
    "django.contrib.contenttypes": "MongoContentTypesConfig",
    "allauth.account": "MongoAccountConfig",
    "allauth.mfa": "MongoMFAConfig",
    "allauth.socialaccount": "MongoSocialAccountConfig",
    "allauth.usersessions": "MongoUserSessionsConfig",
}
MIGRATION_MODULES = {
    label: f"p2plearn.mongodb.migrations.{label}"
    for label in (each.rpartition(".")[2] for each in APPS)
}
# Its own collection for what Django's cache keeps in a table.
CACHE = "p2plearn.mongodb.cache.CollectionCache"
SESSION_SERIALIZER = "p2plearn.mongodb.session.SessionSerializer"
MIDDLEWARE = ["p2plearn.mongodb.middleware.RepeatMiddleware"]


def with_object_ids(apps: Iterable[str]) -> list[str]:
    """The apps, each with the configuration that gives its rows ObjectIds if it needs one."""
    return [f"p2plearn.mongodb.apps.{APPS[each]}" if each in APPS else each for each in apps]


def database(url: str, seconds_to_wait: float) -> dict[str, Any]:
    """The database of a mongodb:// URL. Raises ImproperlyConfigured.

    seconds_to_wait: how long a statement waits for what others hold.
    """
    try:
        name = urlsplit(url).path.strip("/")
    except ValueError as error:
        # Not with the text, which may hold a password.
        raise ImproperlyConfigured("DATABASE_URL cannot be read as an address.") from error
    if not name:
        raise ImproperlyConfigured(
            "DATABASE_URL names no database: mongodb://host/name?replicaSet=…"
        )
    return {
        "ENGINE": ENGINE,
        "HOST": url,
        "NAME": name,
        # Threads share one client, which looks after its sockets itself.
        "CONN_MAX_AGE": None,
        "SECONDS_TO_WAIT": seconds_to_wait,
    }
