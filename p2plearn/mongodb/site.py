"""Settings that differ when the database is MongoDB.

Imports none of MongoDB's libraries, so that settings can be read without them.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

ENGINE = "p2plearn.mongodb"
SCHEMES = ("mongodb", "mongodb+srv")
AUTO_FIELD = "django_mongodb_backend.fields.ObjectIdAutoField"
# Apps with numbered rows, and the configs that give them ObjectIds.
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
# A collection in place of the table of Django's database cache.
CACHE = "p2plearn.mongodb.cache.CollectionCache"
SESSION_SERIALIZER = "p2plearn.mongodb.session.SessionSerializer"
MIDDLEWARE = ["p2plearn.mongodb.middleware.RepeatMiddleware"]


def with_object_ids(apps: Iterable[str]) -> list[str]:
    """The apps, with those in APPS replaced by their configs."""
    return [f"p2plearn.mongodb.apps.{APPS[each]}" if each in APPS else each for each in apps]


def database(url: str, seconds_to_wait: float) -> dict[str, Any]:
    """The entry of DATABASES for a mongodb:// URL. Raises ImproperlyConfigured.

    seconds_to_wait: how long a statement waits for documents that others have locked.
    """
    try:
        name = urlsplit(url).path.strip("/")
    except ValueError as error:
        # Without the URL, which may contain a password.
        raise ImproperlyConfigured("DATABASE_URL cannot be read as an address.") from error
    if not name:
        raise ImproperlyConfigured(
            "DATABASE_URL names no database: mongodb://host/name?replicaSet=…"
        )
    return {
        "ENGINE": ENGINE,
        "HOST": url,
        "NAME": name,
        # Threads share one client, which manages its own sockets.
        "CONN_MAX_AGE": None,
        "SECONDS_TO_WAIT": seconds_to_wait,
    }
