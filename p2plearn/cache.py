from typing import Any

from django.core.cache.backends import db
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.db import router, transaction


class DatabaseCache(db.DatabaseCache):
    """Says so when the database takes no writes.

    Django's own swallows every error of a write, so that a lock cannot be told from a disk that is
    full, and a limit that cannot be counted looks like one that is used up. With a transaction
    around it, what fails at BEGIN or COMMIT is raised; somebody quicker with the same key is not.
    """

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        with transaction.atomic(using=router.db_for_write(self.cache_model_class)):
            # Its types leave out what it calls for every write.
            stored: bool = super()._base_set(mode, key, value, timeout)  # type: ignore[misc]
        return stored
