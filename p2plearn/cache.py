from typing import Any

from django.core.cache.backends import db
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.db import router, transaction


class DatabaseCache(db.DatabaseCache):
    """Django's database cache, but raises when the database cannot be written.

    Django swallows every database error of a write, so a rate limit that cannot be counted looks
    used up. The transaction around the write raises errors of BEGIN and COMMIT; a conflict with a
    concurrent write of the same key still raises nothing.
    """

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        with transaction.atomic(using=router.db_for_write(self.cache_model_class)):
            # The stubs leave out _base_set(), which every write calls.
            stored: bool = super()._base_set(mode, key, value, timeout)  # type: ignore[misc]
        return stored
