"""The people and meetings of the demo data, read from the .toml files beside this module."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Model

from accounts.models import MentorProfile
from accounts.text import normalize_for_search
from meetings.domain.availability import MinuteRange
from meetings.domain.policy import Status
from meetings.models import BookingRules
from meetings.models.session_type import default_durations

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# The people whose log-ins are printed. Learner and mentor always have an upcoming meeting.
LEARNER, MENTOR, STAFF = "lena", "amara", "staff"
# The others are shown by their initials.
WITH_PHOTO = {LEARNER, MENTOR, "priya", "lucas", "sofia", "marcus", "ruth", "chloe", "mei"}


@dataclass(frozen=True)
class Person:
    name: str
    timezone: str

    @property
    def key(self) -> str:
        """The person's name in the other files: the first name in plain letters."""
        return normalize_for_search(self.name.split()[0])

    @property
    def email(self) -> str:
        return f"{self.key}@example.com"


@dataclass(frozen=True)
class Mentor(Person):
    """hours: lines like "mon-fri 09:00-12:00 13:00-17:00"; days_off: the first and the last;
    extra_hours: lines like "6 19:30-21:00". Days count from when the data is made."""

    hours: list[str]
    profile: Mapping[str, Any]
    rules: Mapping[str, Any]
    durations: list[int] = field(default_factory=default_durations)
    days_off: list[int] = field(default_factory=list)
    extra_hours: list[str] = field(default_factory=list)

    @property
    def weekly(self) -> dict[int, list[MinuteRange]]:
        """`{weekday: [range]}`, Monday is 0."""
        weekly: dict[int, list[MinuteRange]] = {}
        for line in self.hours:
            days, *ranges = line.split()
            first, _dash, last = days.partition("-")
            for day in range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1):
                weekly.setdefault(day, []).extend(map(minutes_of, ranges))
        return weekly

    @property
    def extra(self) -> dict[int, list[MinuteRange]]:
        """`{days ahead: [range]}`."""
        lines = [line.split() for line in self.extra_hours]
        return {int(day): [minutes_of(each) for each in ranges] for day, *ranges in lines}


@dataclass(frozen=True)
class Plan:
    """A meeting. days: how many days ago, or ahead; cancelled_by: mentor or learner."""

    mentor: str
    learner: str
    days: int
    duration: int
    subject: str
    description: str = ""
    status: str = Status.COMPLETED
    rating: int | None = None
    feedback: str = ""
    notes: str = ""
    private_note: str = ""
    cancelled_by: str = ""
    cancel_reason: str = ""

    @property
    def people(self) -> set[str]:
        return {self.mentor, self.learner}


@dataclass(frozen=True)
class Running:
    """A meeting that is taking place while somebody looks."""

    learner: str
    subject: str
    description: str


def minutes_of(text: str) -> MinuteRange:
    """09:00-12:30 as minutes after midnight."""
    start, end = (
        int(hours) * 60 + int(minutes)
        for hours, _colon, minutes in (each.partition(":") for each in text.split("-"))
    )
    return start, end


def mentors() -> list[Mentor]:
    found = []
    for row in _read("mentors")["mentor"]:
        profile, rest = _fields_of(MentorProfile, row)
        rules, rest = _fields_of(BookingRules, rest)
        found.append(Mentor(profile=profile, rules=rules, **rest))
    return found


def learners() -> list[Person]:
    return [Person(**row) for row in _read("learners")["learner"]]


def staff() -> list[Person]:
    return [Person(**row) for row in _read("learners")["staff"]]


def past() -> list[Plan]:
    files = ("past_software", "past_other")
    return [Plan(**row) for name in files for row in _read(name)["meeting"]]


def coming() -> list[Plan]:
    return [Plan(**{"status": Status.SCHEDULED, **row}) for row in _read("coming")["meeting"]]


def running() -> Running:
    return Running(**_read("coming")["running"])


def _fields_of(model: type[Model], row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of the row that are fields of the model, and the other ones."""
    names = {each.name for each in model._meta.concrete_fields}
    return (
        {name: value for name, value in row.items() if name in names},
        {name: value for name, value in row.items() if name not in names},
    )


@cache
def _read(name: str) -> dict[str, Any]:
    path = Path(__file__).with_name(f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
