from datetime import UTC, datetime, timedelta

from meetings.domain.grid import Interval
from meetings.integrations.calendar import Event, Link, Person, RoomProvider
from meetings.integrations.local import LocalCalendar

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
TIMEOUT = timedelta(seconds=1)


def event(uid="a" * 32, room_url=""):
    return Event(
        uid=uid,
        sequence=0,
        summary="Loops",
        description="",
        start=NOW,
        end=NOW + timedelta(hours=1),
        organizer=Person("Ada", "ada@example.com"),
        attendees=[Person("Ada", "ada@example.com"), Person("Bo", "bo@example.com")],
        room_url=room_url,
        page_url="https://learn.example.com/meetings/1/",
    )


def test_put_gives_the_mentors_own_room():
    link = LocalCalendar().put(event(room_url="https://rooms.example.com/ada"), timeout=TIMEOUT)

    assert link == Link("https://rooms.example.com/ada", RoomProvider.MENTOR_ROOM, "a" * 32)


def test_put_gives_an_open_room_that_follows_from_the_meeting(settings):
    settings.ROOM_URL_TEMPLATE = "https://video.example.com/{room}"

    first = LocalCalendar().put(event(), timeout=TIMEOUT)
    again = LocalCalendar().put(event(), timeout=TIMEOUT)
    other = LocalCalendar().put(event(uid="b" * 32), timeout=TIMEOUT)

    assert first == again
    assert first.provider == RoomProvider.OPEN_ROOM
    assert first.url.startswith("https://video.example.com/")
    assert len({first.url, other.url}) == 2


def test_an_open_room_cannot_be_guessed_from_the_meeting(settings):
    one = LocalCalendar().put(event(), timeout=TIMEOUT).url
    settings.SECRET_KEY = "another-secret"

    assert LocalCalendar().put(event(), timeout=TIMEOUT).url != one
    assert "a" * 8 not in one


def test_nothing_is_kept():
    calendar = LocalCalendar()

    calendar.delete("a" * 32, timeout=TIMEOUT)

    assert calendar.busy(Interval(NOW, NOW + timedelta(days=1)), timeout=TIMEOUT) == []
