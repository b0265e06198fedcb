"""Parsing and validating values in requests, and the texts for invalid ones."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext, gettext_noop
from pydantic import AfterValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from accounts.models import User
from accounts.text import validate_line
from accounts.zones import is_zone
from meetings.domain.policy import DURATIONS
from meetings.forms.booking import YEARS

# RFC 3339, but seconds are optional. Group 1 is the offset.
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)

# By pydantic's error type; {} is filled from the error's context.
REASONS = {
    "date_type": gettext_noop("Send a date like 2027-03-01."),
    "dict_type": gettext_noop("Send an object."),
    "extra_forbidden": gettext_noop("There is no such field."),
    "greater_than_equal": gettext_noop("Send {ge} or more."),
    "int_type": gettext_noop("Send a whole number."),
    "less_than_equal": gettext_noop("Send {le} or less."),
    "literal_error": gettext_noop("Send one of these: {expected}."),
    "missing": gettext_noop("This field is required."),
    "model_attributes_type": gettext_noop("Send an object."),
    "model_type": gettext_noop("Send an object."),
    "string_too_short": gettext_noop("This must not be empty."),
    "string_type": gettext_noop("Send a text."),
    "uuid_parsing": gettext_noop("Send an id, as other calls have returned it."),
    "uuid_type": gettext_noop("Send an id, as other calls have returned it."),
}


def reason(error: Mapping[str, Any]) -> str:
    """The translated text of error, which is one of pydantic's."""
    text = REASONS.get(error["type"])
    if text is None:
        return str(error["msg"])
    return gettext(text).format(**error.get("ctx", {}))


def refuse(text: str) -> PydanticCustomError:
    """The error to raise. text: already translated."""
    return PydanticCustomError("unfit", "{text}", {"text": text})


def in_json(moment: datetime) -> str:
    """The instant in UTC, with Z; fractions only where there are some."""
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def fit_for(check: Callable[[str], None]) -> AfterValidator:
    """A validator that runs a Django validator, and keeps its message."""

    def validate(text: str) -> str:
        try:
            check(text)
        except ValidationError as error:
            raise refuse(error.messages[0]) from error
        return text

    return AfterValidator(validate)


def no_longer_than(limit: int) -> AfterValidator:
    def validate(text: str) -> str:
        if len(text) > limit:
            raise refuse(
                gettext("This has %(length)s characters; %(limit)s are the most.")
                % {"length": len(text), "limit": limit}
            )
        return text

    return AfterValidator(validate)


def is_address(text: str) -> None:
    validate_line(text)
    validate_email(text)


def parse_moment(value: Any, info: ValidationInfo) -> datetime:
    """An instant in UTC from a date-time with an offset."""
    match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refuse(gettext("Send a date-time with an offset, like 2027-03-01T14:00:00+01:00."))
    try:
        moment = datetime.fromisoformat(match[0].upper())
    except ValueError as error:
        raise refuse(gettext("There is no such date or time.")) from error
    if match[1] is None:
        raise refuse(_why_no_local_time(moment, info))
    if moment.year not in YEARS:
        raise refuse(gettext("That time is out of reach."))
    return moment.astimezone(UTC)


def _why_no_local_time(local: datetime, info: ValidationInfo) -> str:
    person = info.context["request"].user if info.context else None
    if isinstance(person, User) and local.year in YEARS:
        there = local.replace(tzinfo=person.zone)
        if there.astimezone(UTC).astimezone(person.zone).replace(tzinfo=None) != local:
            return gettext(
                "In %(zone)s the clocks skip that time. Send a date-time with an offset."
            ) % {"zone": person.timezone}
    return gettext("The offset from UTC is missing: add Z or one like +01:00.")


def parse_day(value: Any) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise refuse(gettext("There is no such date.")) from error
    raise refuse(gettext("Send a date like 2027-03-01."))


def parse_day_or_moment(value: Any, info: ValidationInfo) -> date | datetime:
    """A date, or an instant in UTC from a date-time with an offset."""
    is_day = isinstance(value, str) and _DAY.fullmatch(value)
    return parse_day(value) if is_day else parse_moment(value, info)


def parse_zone(value: Any) -> str:
    if isinstance(value, str) and is_zone(value):
        return value
    raise refuse(gettext("There is no such time zone; send one like Europe/Berlin."))


def parse_whole(value: Any) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    raise refuse(gettext("Send a whole number."))


def parse_minutes(value: Any) -> int:
    if value in map(str, DURATIONS):
        return int(value)
    raise refuse(
        gettext("Send one of these: {expected}.").format(expected=", ".join(map(str, DURATIONS)))
    )


def parse_bool(value: Any) -> bool:
    if value in ("true", "false"):
        return bool(value == "true")
    raise refuse(gettext("Send true or false."))


def json_integer(value: Any) -> Any:
    """JSON has only one type of number, so 60.0 becomes 60."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def not_null(value: Any) -> Any:
    if value is None:
        raise refuse(gettext("Leave this out, or send a value."))
    return value


def stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
