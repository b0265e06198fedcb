"""The statements that change something, as values: they can be sent again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

Document = dict[str, Any]
# Where a document keeps by whom it was locked last. No model knows of it.
LOCK = "_lock"
# Columns that are unique wherever they are.
KEYS = ("_id", "id")


@dataclass(frozen=True)
class Insert:
    """Its outcome is the ids."""

    collection: Collection[Document]
    documents: Sequence[Document]

    def send(self, session: ClientSession | None) -> list[Any]:
        return self.collection.insert_many(self.documents, session=session).inserted_ids


@dataclass(frozen=True)
class Update:
    """Its outcome is how many documents it found."""

    collection: Collection[Document]
    criteria: Mapping[str, Any]
    pipeline: Sequence[Mapping[str, Any]]

    def send(self, session: ClientSession | None) -> int:
        result = self.collection.update_many(self.criteria, self.pipeline, session=session)
        return result.matched_count


@dataclass(frozen=True)
class Delete:
    """Its outcome is how many documents are gone."""

    collection: Collection[Document]
    criteria: Mapping[str, Any]

    def send(self, session: ClientSession | None) -> int:
        return self.collection.delete_many(self.criteria, session=session).deleted_count


@dataclass(frozen=True)
class Lock:
    """Let nobody else lock or change these documents until the transaction ends.

    MongoDB knows no other lock than a write. Its outcome is who had locked each of them last, so
    that a transaction which has to lock again sees whether somebody else has done so meanwhile.
    """

    collection: Collection[Document]
    criteria: Mapping[str, Any]
    # Who locks; the same when it has to be done again.
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
    """Whether it changes one at most, which MongoDB does as a whole or not at all."""
    if isinstance(write, Insert):
        return len(write.documents) == 1
    parts = [write.criteria, *write.criteria.get("$and", ())]
    keys = [part[name] for part in parts for name in KEYS if name in part]
    return any(not isinstance(key, Mapping) for key in keys)
