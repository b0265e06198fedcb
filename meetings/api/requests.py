"""Schemas of the requests: shapes only; the rules are in meetings.booking.

Optional fields can be left out, but not sent as null.
"""

import uuid
from typing import Annotated, Literal

from django.utils.translation import gettext
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from meetings.api import fields
from meetings.api.fields import Maybe
from meetings.api.validators import refuse

StatusName = Literal["scheduled", "in-progress", "completed", "cancelled"]
PAGES = 1_000_000
MOST_A_PAGE = 100


class Body(BaseModel):
    """An object with these fields and no others."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class LoginBody(Body):
    email: fields.Address
    password: fields.Secret
    code: fields.Secret = Field(
        default="", description="Of the second factor, for those who have one."
    )


class RefreshBody(Body):
    refresh: fields.Secret


class BookingBody(Body):
    mentor_id: uuid.UUID
    subject: fields.Subject
    description: fields.Description = ""
    scheduled_at: fields.StartTime
    duration: fields.Duration


class ChangeBody(Body):
    """At least one of the fields."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    scheduled_at: Maybe[fields.StartTime] = None
    subject: Maybe[fields.Subject] = None
    description: Maybe[fields.Description] = None

    @model_validator(mode="after")
    def _changes_something(self) -> "ChangeBody":
        if not self.model_fields_set:
            raise refuse(gettext("Send at least one field to change."))
        return self


class CancelBody(Body):
    reason: fields.Reason = ""


class CompleteBody(Body):
    model_config = ConfigDict(json_schema_extra={"dependentRequired": {"feedback": ["rating"]}})

    rating: Maybe[fields.Rating] = None
    feedback: fields.Feedback = ""
    notes: Maybe[fields.Notes] = None

    @model_validator(mode="after")
    def _feedback_comes_with_a_rating(self) -> "CompleteBody":
        if "feedback" in self.model_fields_set and self.rating is None:
            raise refuse(gettext("Feedback comes with a rating."))
        return self


class Paging(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    page: Annotated[fields.Whole, Field(ge=1, le=PAGES)] = 1
    page_size: Annotated[fields.Whole, Field(ge=1, le=MOST_A_PAGE)] = 20


class MeetingFilters(Paging):
    upcoming: Maybe[fields.Flag] = Field(
        default=None, description="true: to come or taking place; false: over or called off."
    )
    status: Maybe[StatusName] = None
    role: Maybe[Literal["mentor", "learner"]] = Field(default=None, description="The caller's.")
    mentor_id: Maybe[uuid.UUID] = None
    from_: Maybe[fields.DayOrMoment] = Field(
        default=None, alias="from", description="Starts on that day, or at that time, or later."
    )
    to: Maybe[fields.DayOrMoment] = Field(
        default=None, description="Starts on that day at the latest, or before that time."
    )
    tz: Maybe[fields.Zone] = None


class MentorFilters(Paging):
    q: fields.Word = Field(default="", description="Words in name, headline, bio or skills.")
    skill: fields.Word = ""
    language: fields.Word = Field(default="", description="ISO 639-1, such as de.")
    day: Maybe[fields.Day] = Field(default=None, description="With a free time on that day.")
    tz: Maybe[fields.Zone] = None
    sort: Literal["rating", "next"] = Field(
        default="rating", description="Best rated, or soonest free, first."
    )


class SlotFilters(BaseModel):
    from_: Maybe[fields.Day] = Field(
        default=None, alias="from", description="The first day; today by default."
    )
    to: Maybe[fields.Day] = Field(
        default=None, description="The last day, included; six days after the first by default."
    )
    duration: Maybe[fields.Minutes] = Field(
        default=None, description="Minutes; the mentor's shortest by default."
    )
    tz: Maybe[fields.Zone] = None
