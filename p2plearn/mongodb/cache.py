"""Django's cache in a collection, for the rate limits if there is no Redis.

Django's database cache needs SQL. Writes here are outside of transactions, so a request that is
refused still counts.
"""

import pickle
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections
from pymongo.collection import Collection

from p2plearn.mongodb.errors import as_django_errors
from p2plearn.mongodb.statements import Document


class CollectionCache(BaseCache):
    """One document for each key. A TTL index removes expired ones."""

    def __init__(self, collection: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._name = collection
        self._is_indexed = False

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        with as_django_errors():
            found = self._collection().find_one(self._still(key, version))
        # Only the site itself writes there, as with Django's own caches.
        return default if found is None else pickle.loads(found["value"])  # noqa: S301

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        document = self._document(key, value, timeout, version)
        with as_django_errors():
            self._collection().replace_one({"_id": document["_id"]}, document, upsert=True)

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Of several concurrent calls, one returns True."""
        document = self._document(key, value, timeout, version)
        run_out = {"_id": document["_id"], "expires_at": {"$lte": datetime.now(UTC)}}
        try:
            with as_django_errors():
                self._collection().replace_one(run_out, document, upsert=True)
        except IntegrityError:
            return False
        return True

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        change = {"$set": {"expires_at": self._expiry(timeout)}}
        with as_django_errors():
            result = self._collection().update_one(self._still(key, version), change)
        return result.matched_count > 0

    def delete(self, key: str, version: int | None = None) -> bool:
        with as_django_errors():
            result = self._collection().delete_one(self._still(key, version))
        return result.deleted_count > 0

    def clear(self) -> None:
        with as_django_errors():
            self._collection().delete_many({})

    def _still(self, key: str, version: int | None) -> Document:
        """The filter for the key's document, unless it has expired."""
        later = [{"expires_at": None}, {"expires_at": {"$gt": datetime.now(UTC)}}]
        return {"_id": self.make_and_validate_key(key, version), "$or": later}

    def _document(self, key: str, value: Any, timeout: Any, version: int | None) -> Document:
        return {
            "_id": self.make_and_validate_key(key, version),
            "value": pickle.dumps(value, pickle.HIGHEST_PROTOCOL),
            "expires_at": self._expiry(timeout),
        }

    def _expiry(self, timeout: Any) -> datetime | None:
        seconds = self.get_backend_timeout(timeout)
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

    def _collection(self) -> Collection[Document]:
        connection: Any = connections[DEFAULT_DB_ALIAS]
        connection.ensure_connection()
        collection: Collection[Document] = connection.database[self._name]
        if not self._is_indexed:
            collection.create_index("expires_at", expireAfterSeconds=0)
            self._is_indexed = True
        return collection
