"""Schemas of the responses, and the functions that fill them."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from accounts.models import MentorProfile, User
from meetings.api.fields import Instant, Maybe
from meetings.domain.grid import Interval
from meetings.domain.policy import Status
from meetings.models import Meeting, PrivateNote, SessionType
from meetings.scheduling.next_free import upcoming_free

Id = Annotated[uuid.UUID, Field(alias="_id")]


class Answer(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True
    )


class Success(Answer):
    success: Literal[True] = True


class Refusal(Answer):
    """Why a call did nothing."""

    success: Literal[False]
    code: str = Field(description="Stable; docs/api.md lists them.", examples=["slot_taken"])
    message: str = Field(description="For people.", examples=["That time has just been taken."])
    errors: Maybe[dict[str, list[str]]] = Field(
        default=None,
        description="What is wrong with which field.",
        examples=[{"scheduledAt": ["That time has just been taken."]}],
    )
    nearest: Maybe[list[Instant]] = Field(
        default=None, description="Free starts instead, soonest first; maybe none."
    )


class Tokens(Success):
    access: str = Field(description="For the Authorization header.", examples=["eyJhbGciOi…"])
    refresh: str = Field(description="Good for one use.", examples=["eyJhbGciOi…"])
    expires_in: int = Field(description="Seconds that access is good for.", examples=[900])


class Person(Answer):
    id: Id
    name: str = Field(examples=["Kim Learner"])


class MeetingShape(Answer):
    id: Id
    mentor: Person
    learner: Person
    subject: str = Field(examples=["Loops in Python"])
    description: str
    scheduled_at: Instant
    duration: int = Field(description="Minutes.", examples=[60])
    meeting_link: str | None = Field(
        description="The room, once there is one.", examples=["https://meet.example.com/abc"]
    )
    meeting_id: str | None = Field(description="The calendar event's id, once there is one.")
    status: Status
    notes: str = Field(description="Shared by the two.")
    private_notes: str = Field(description="The caller's own.")
    rating: int | None = Field(description="1 to 5.", examples=[5])
    feedback: str
    created_at: Instant
    updated_at: Instant


class MeetingAnswer(Success):
    meeting: MeetingShape


class ChangedMeeting(Success):
    message: str = Field(examples=["Your session is booked."])
    meeting: MeetingShape


class Page(Success):
    """One page of a list. count: the rows of all pages."""

    count: int
    page: int
    pages: int


class MeetingPage(Page):
    meetings: list[MeetingShape]


class Room(Success):
    meeting_link: str = Field(examples=["https://meet.example.com/abc"])


class Mentor(Answer):
    id: Id
    name: str = Field(examples=["Robin Mentor"])
    headline: str
    bio: str
    skills: list[str] = Field(examples=[["Python"]])
    languages: list[str] = Field(description="ISO 639-1.", examples=[["de", "en"]])
    timezone: str = Field(examples=["Europe/Berlin"])
    durations: list[int] = Field(description="Minutes.", examples=[[30, 60]])
    notice: int = Field(description="Minutes between booking and start, at least.")
    horizon: int = Field(description="Days ahead that can be booked.")
    rating: float | None = Field(description="The mean of all, 1 to 5.")
    rating_count: int
    next_free_at: Instant | None = Field(description="As far as is known.")


class MentorAnswer(Success):
    mentor: Mentor


class MentorPage(Page):
    mentors: list[Mentor]


class Slot(Answer):
    start: Instant
    end: Instant


class Slots(Success):
    slots: list[Slot] = Field(description="Free for both, soonest first.")


def person(user: User) -> Person:
    return Person(id=user.pk, name=user.name)


def meeting(one: Meeting, viewer: User) -> MeetingShape:
    """The meeting as the viewer, who takes part in it, sees it."""
    return meetings([one], viewer)[0]


def new_meeting(one: Meeting) -> MeetingShape:
    """A meeting that was just booked: there are no private notes to query yet."""
    return _meeting(one, "")


def meetings(rows: Collection[Meeting], viewer: User) -> list[MeetingShape]:
    """The meetings in the given order; one query for the viewer's private notes."""
    mine = PrivateNote.objects.filter(author=viewer, meeting__in=[row.pk for row in rows])
    notes = dict(mine.values_list("meeting_id", "text"))
    return [_meeting(row, notes.get(row.pk, "")) for row in rows]


def _meeting(row: Meeting, private_notes: str) -> MeetingShape:
    return MeetingShape(
        id=row.pk,
        mentor=person(row.mentor),
        learner=person(row.learner),
        subject=row.subject,
        description=row.description,
        scheduled_at=row.scheduled_at,
        duration=row.duration,
        meeting_link=row.meeting_link or None,
        meeting_id=row.calendar_event.external_id or None,
        status=Status(row.status),
        notes=row.notes,
        private_notes=private_notes,
        rating=row.rating,
        feedback=row.feedback,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def mentor(profile: MentorProfile, session_type: SessionType, now: datetime) -> Mentor:
    """The mentor's public data, without mail address and room. session_type: the mentor's
    default type."""
    rules = session_type.slot_rules
    return Mentor(
        id=profile.pk,
        name=profile.user.name,
        headline=profile.headline,
        bio=profile.bio,
        skills=profile.skills,
        languages=profile.languages,
        timezone=profile.user.timezone,
        durations=list(rules.durations),
        notice=rules.notice // timedelta(minutes=1),
        horizon=rules.horizon.days,
        rating=profile.rating,
        rating_count=profile.rating_count,
        next_free_at=upcoming_free(profile, session_type, now),
    )


def slots(found: Sequence[Interval]) -> Slots:
    return Slots(slots=[Slot(start=each.start, end=each.end) for each in found])
