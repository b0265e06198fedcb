from typing import Any

from bson import ObjectId
from django.core.signing import JSONSerializer


class SessionSerializer(JSONSerializer):
    """Stores ObjectIds in a session as text; they are not converted back."""

    def dumps(self, obj: Any) -> bytes:
        return super().dumps(_plain(obj))


def _plain(value: Any) -> Any:
    """The value with every nested ObjectId replaced by its text."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, ObjectId) else value
