"""Calendar events, in the form in which the site passes them to a backend."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from meetings.integrations.calendar import Event, Person

SOON = timedelta(seconds=2)
START = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
MENTOR = "mentor@gmail.example.com"


def an_event(**fields):
    return Event(
        **{
            "uid": uuid4().hex,
            "sequence": 0,
            "summary": "Loops",
            "description": "From the start",
            "start": START,
            "end": START + timedelta(hours=1),
            "organizer": Person("Mentor", MENTOR),
            "attendees": [Person("Mentor", MENTOR), Person("Learner", "learner@example.com")],
            "room_url": "",
            "page_url": "https://learn.example.com/meetings/1/",
            "is_new": True,
            **fields,
        }
    )
