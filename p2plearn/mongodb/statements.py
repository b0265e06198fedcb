"""Write statements as values, so that they can be sent again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

Document = dict[str, Any]
# The field with the token of a document's last lock. No model has it.
LOCK = "_lock"
# Columns that are unique in every collection.
KEYS = ("_id", "id")


@dataclass(frozen=True)
class Insert:
    """An insert; send() returns the ids."""

    collection: Collection[Document]
    documents: Sequence[Document]

    def send(self, session: ClientSession | None) -> list[Any]:
        return self.collection.insert_many(self.documents, session=session).inserted_ids


@dataclass(frozen=True)
class Update:
    """An update; send() returns how many documents matched."""

    collection: Collection[Document]
    criteria: Mapping[str, Any]
    pipeline: Sequence[Mapping[str, Any]]

    def send(self, session: ClientSession | None) -> int:
        result = self.collection.update_many(self.criteria, self.pipeline, session=session)
        return result.matched_count


@dataclass(frozen=True)
class Delete:
    """A deletion; send() returns how many documents were deleted."""

    collection: Collection[Document]
    criteria: Mapping[str, Any]

    def send(self, session: ClientSession | None) -> int:
        return self.collection.delete_many(self.criteria, session=session).deleted_count


@dataclass(frozen=True)
class Lock:
    """Keep others from locking or changing these documents until the transaction ends.

    MongoDB locks a document only by a write. send() returns `[(id, token of the lock before)]`, so
    that a repeated lock shows whether another transaction has locked the documents meanwhile.
    """

    collection: Collection[Document]
    criteria: Mapping[str, Any]
    # Identifies this lock; stays the same when it is sent again.
    token: ObjectId = field(default_factory=ObjectId)

    def send(self, session: ClientSession | None) -> list[tuple[Any, Any]]:
        rows = self.collection.find(self.criteria, {LOCK: 1}, session=session).sort("_id")
        before = [(row["_id"], row.get(LOCK)) for row in rows]
        if before:
            change = [{"$set": {LOCK: {"$literal": self.token}}}]
            self.collection.update_many(self.criteria, change, session=session)
        return before


Write = Insert | Update | Delete | Lock


def is_one_document(write: Write) -> bool:
    """Whether it writes one document at most, which MongoDB does atomically."""
    if isinstance(write, Insert):
        return len(write.documents) == 1
    parts = [write.criteria, *write.criteria.get("$and", ())]
    keys = [part[name] for part in parts for name in KEYS if name in part]
    return any(not isinstance(key, Mapping) for key in keys)
