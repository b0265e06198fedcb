"""The types of the values in requests and responses."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    StrictInt,
)
from pydantic.json_schema import JsonSchemaValue, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from accounts.text import validate_line, validate_text
from meetings.api.validators import (
    fit_for,
    in_json,
    is_address,
    json_integer,
    no_longer_than,
    not_null,
    parse_bool,
    parse_day,
    parse_day_or_moment,
    parse_minutes,
    parse_moment,
    parse_whole,
    parse_zone,
    stripped,
)
from meetings.domain.policy import RATINGS, REASON_LIMIT, SUBJECT_LIMIT, TEXT_LIMIT


class _LeftOutOrGiven:
    """Marks an optional value: null is refused, and left out of the OpenAPI schema."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(not_null, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(schema)
        kinds = [kind for kind in described.pop("anyOf") if kind != {"type": "null"}]
        return described | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds})


T = TypeVar("T")
Maybe = Annotated[T | None, _LeftOutOrGiven()]

# In bodies. The patterns describe what the validators refuse: control characters, blank subjects.
_NO_CONTROLS = r"\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069"
_NO_CONTROLS_IN_TEXT = (
    r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069"
)


Subject = Annotated[
    str,
    Field(min_length=1),
    BeforeValidator(stripped),
    no_longer_than(SUBJECT_LIMIT),
    fit_for(validate_line),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": SUBJECT_LIMIT,
            "pattern": rf"^[^\s{_NO_CONTROLS}]([^{_NO_CONTROLS}]*[^\s{_NO_CONTROLS}])?$",
            "description": "One line of text.",
            "examples": ["Loops in Python"],
        }
    ),
]


def _text_of(limit: int, example: str) -> Any:
    return Annotated[
        str,
        no_longer_than(limit),
        fit_for(validate_text),
        WithJsonSchema(
            {
                "type": "string",
                "maxLength": limit,
                "pattern": f"^[^{_NO_CONTROLS_IN_TEXT}]*$",
                "examples": [example],
            }
        ),
    ]


Description = _text_of(TEXT_LIMIT, "I know while, but when is for better?")
Notes = _text_of(TEXT_LIMIT, "Next time: lists.")
Feedback = _text_of(TEXT_LIMIT, "Patient and clear.")
Reason = _text_of(REASON_LIMIT, "I am ill.")

Address = Annotated[
    str,
    no_longer_than(254),
    fit_for(is_address),
    Field(examples=["kim@example.com"], json_schema_extra={"format": "email"}),
]
Secret = Annotated[
    str,
    Field(min_length=1, json_schema_extra={"maxLength": 4_096}),
    no_longer_than(4_096),
]
StartTime = Annotated[
    datetime,
    BeforeValidator(parse_moment),
    Field(
        description="With an offset; on the quarter of an hour.",
        examples=["2027-03-01T14:00:00+01:00"],
    ),
]
# Type checkers want the numbers of DURATIONS written out.
AnyDuration = Literal[30, 60, 90, 120]
Duration = Annotated[
    AnyDuration,
    BeforeValidator(json_integer),
    Field(description="Minutes.", examples=[60]),
]
Rating = Annotated[
    StrictInt,
    Field(ge=RATINGS.start, le=RATINGS[-1], examples=[5]),
    BeforeValidator(json_integer),
]

# In query strings, which have no null: an absent value is left out.
Day = Annotated[
    date,
    BeforeValidator(parse_day),
    Field(json_schema_extra={"example": "2027-03-01"}),
]
DayOrMoment = Annotated[
    date | datetime,
    BeforeValidator(parse_day_or_moment),
    Field(json_schema_extra={"example": "2027-03-01"}),
]
Zone = Annotated[
    str,
    BeforeValidator(parse_zone),
    Field(
        description="An IANA time zone; the caller's own by default.",
        json_schema_extra={"example": "Europe/Berlin"},
    ),
]
Flag = Annotated[bool, BeforeValidator(parse_bool)]
Whole = Annotated[int, BeforeValidator(parse_whole)]
Minutes = Annotated[AnyDuration, BeforeValidator(parse_minutes)]
Word = Annotated[
    str,
    no_longer_than(100),
    fit_for(validate_line),
    WithJsonSchema({"type": "string", "maxLength": 100, "pattern": f"^[^{_NO_CONTROLS}]*$"}),
]

# In responses.
Instant = Annotated[
    datetime,
    PlainSerializer(in_json, return_type=str),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2027-03-01T13:00:00Z"]},
        mode="serialization",
    ),
]
