from typing import Any

from bson import ObjectId
from django.core.signing import JSONSerializer


class SessionSerializer(JSONSerializer):
    """Lets a session remember the id of a row, which is an ObjectId; it comes back as text."""

    def dumps(self, obj: Any) -> bytes:
        return super().dumps(_plain(obj))


def _plain(value: Any) -> Any:
    """The value with texts in place of ObjectIds, however deep."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, ObjectId) else value
