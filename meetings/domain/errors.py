"""The errors for broken rules, each with a stable code and a text for the person.

Texts are marked for translation here and translated where they are shown (meetings.forms.messages).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar


def gettext_noop(text: str) -> str:
    """Mark text for the message catalogue; the domain itself translates nothing."""
    return text


class BookingError(Exception):
    """A rule was broken and nothing has changed. str() is the text in English."""

    code: ClassVar[str] = "refused"
    text: ClassVar[str] = gettext_noop("That is not possible.")
    field: ClassVar[str | None] = None

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(self.text % params)


class SlotTaken(BookingError):
    """Somebody is busy then. nearest: the free starts around it, soonest first, maybe none."""

    code = "slot_taken"
    text = gettext_noop("That time has just been taken. Please pick another one.")
    field = "start"

    def __init__(self, nearest: Sequence[datetime] = ()) -> None:
        self.nearest = list(nearest)
        super().__init__()


class NotOffered(SlotTaken):
    """The mentor is not open then, or does not start meetings then."""

    code = "not_offered"
    text = gettext_noop("The mentor does not offer that time. Please pick another one.")


class OwnTimeTaken(SlotTaken):
    """The person who books is busy then."""

    text = gettext_noop("You are busy at that time. Please pick another one.")


class TooSoon(NotOffered):
    code = "too_soon"
    text = gettext_noop("That time is too soon for this mentor. Please pick a later one.")


class BeyondHorizon(NotOffered):
    code = "beyond_horizon"
    text = gettext_noop(
        "That time is further ahead than this mentor plans. Please pick an earlier one."
    )


class DayFull(NotOffered):
    """The mentor wants no more meetings that day."""

    text = gettext_noop("The mentor takes no more meetings that day. Please pick another one.")


class OffGrid(BookingError):
    code = "off_grid"
    text = gettext_noop("Times are on the quarter of an hour, like 10:00 or 10:15.")
    field = "start"


class DurationNotOffered(BookingError):
    code = "duration_not_offered"
    text = gettext_noop("This mentor does not offer meetings of that length.")
    field = "duration"


class OwnMentor(BookingError):
    code = "own_mentor"
    text = gettext_noop("You cannot book a session with yourself.")


class MentorUnavailable(BookingError):
    code = "mentor_unavailable"
    text = gettext_noop("This mentor does not take bookings at the moment.")


class TooManyMeetings(BookingError):
    code = "too_many_meetings"
    text = gettext_noop(
        "You have %(limit)s upcoming meetings, which is the most that one person can have."
    )


class NotAllowed(BookingError):
    code = "not_allowed"
    text = gettext_noop("This is not yours to do.")


class WrongStatus(BookingError):
    code = "wrong_status"
    text = gettext_noop("That is not possible any more: the meeting has changed meanwhile.")


class NoRoomYet(WrongStatus):
    code = "no_room"
    text = gettext_noop("The room is still being made. Please try again in a moment.")


class TooEarlyToJoin(WrongStatus):
    text = gettext_noop("It is not time yet: you can join %(minutes)s minutes before the start.")


class MeetingOver(WrongStatus):
    text = gettext_noop("This meeting is over.")


class NotStarted(WrongStatus):
    text = gettext_noop("This meeting has not started yet.")


class AlreadyStarted(WrongStatus):
    text = gettext_noop("This meeting has already started.")


class AlreadyRated(WrongStatus):
    code = "already_rated"
    text = gettext_noop("You have already rated this meeting.")


class NotesChanged(WrongStatus):
    code = "notes_changed"
    text = gettext_noop(
        "The notes have changed while you were writing. Yours are kept below: "
        "compare them with the current ones and save again."
    )


class AvailabilityError(BookingError):
    code = "bad_availability"


class EmptyRange(AvailabilityError):
    text = gettext_noop("A range must end after it starts.")


class RangeOffGrid(AvailabilityError):
    text = gettext_noop("Times are on the quarter of an hour, like 10:00 or 10:15.")


class OverlappingRanges(AvailabilityError):
    text = gettext_noop("%(first)s and %(second)s overlap.")
