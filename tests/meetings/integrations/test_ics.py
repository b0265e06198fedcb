from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from meetings.integrations.calendar import Person
from meetings.integrations.ics import Invitation, to_ics

START = datetime(2027, 3, 1, 12, tzinfo=UTC)
INVITATION = Invitation(
    uid="0123456789abcdef@learn.example.com",
    sequence=2,
    summary="Loops",
    description="For and while",
    start=START,
    end=START + timedelta(minutes=90),
    url="https://learn.example.com/join/token/",
    organizer=Person("P2P Learn", "hello@learn.example.com"),
    changed_at=START - timedelta(days=2),
    is_cancelled=False,
)


def unfolded(data):
    """The file's unfolded lines (RFC 5545, 3.1): `[(name with parameters, value)]`."""
    text = data.decode().replace("\r\n ", "")
    assert text.endswith("\r\n")
    lines = text.removesuffix("\r\n").split("\r\n")
    return [(line.split(":", 1)[0], line.split(":", 1)[1]) for line in lines]


def unescaped(value):
    """A TEXT value without its escapes (RFC 5545, 3.3.11)."""
    out, signs = [], iter(value)
    for sign in signs:
        if sign == "\\":
            following = next(signs)
            out.append("\n" if following in "nN" else following)
        else:
            out.append(sign)
    return "".join(out)


def test_a_meeting_is_one_event_to_add():
    assert unfolded(to_ics(INVITATION)) == [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//P2P Learn//Meetings//EN"),
        ("METHOD", "PUBLISH"),
        ("BEGIN", "VEVENT"),
        ("SUMMARY", "Loops"),
        ("DTSTART", "20270301T120000Z"),
        ("DTEND", "20270301T133000Z"),
        ("DTSTAMP", "20270227T120000Z"),
        ("UID", "0123456789abcdef@learn.example.com"),
        ("SEQUENCE", "2"),
        ("DESCRIPTION", "For and while\\n\\nhttps://learn.example.com/join/token/"),
        ("LAST-MODIFIED", "20270227T120000Z"),
        ("LOCATION", "https://learn.example.com/join/token/"),
        ('ORGANIZER;CN="P2P Learn"', "mailto:hello@learn.example.com"),
        ("STATUS", "CONFIRMED"),
        ("URL", "https://learn.example.com/join/token/"),
        ("END", "VEVENT"),
        ("END", "VCALENDAR"),
    ]


def test_a_cancelled_meeting_is_an_event_to_remove():
    lines = dict(unfolded(to_ics(replace(INVITATION, is_cancelled=True))))

    assert (lines["METHOD"], lines["STATUS"]) == ("CANCEL", "CANCELLED")
    assert lines["UID"] == INVITATION.uid


@pytest.mark.parametrize(
    "text",
    [
        "Commas, semicolons; colons: and \\ backslashes \\n",
        "END:VEVENT",
        "BEGIN:VEVENT\r\nSUMMARY:Another one\r\nEND:VEVENT",
        "Lines\nand\rlines\r\nand\ttabs",
        '"quoted" <b>bold</b> {{7*7}} ^n',
        "😀" * 200,
        "é" * 199 + ",",
        " leading and trailing ",
    ],
)
def test_text_stays_text(text):
    line = text.replace("\r", "").replace("\n", "")

    data = to_ics(replace(INVITATION, summary=line, description=text))

    (event,) = Calendar.from_ical(data).walk("VEVENT")
    assert event["summary"] == line
    found = unfolded(data)
    assert [value for name, value in found if name == "BEGIN"] == ["VCALENDAR", "VEVENT"]
    values = dict(found)
    assert unescaped(values["SUMMARY"]) == line
    expected = f"{text}\n\n{INVITATION.url}".strip().replace("\r\n", "\n").replace("\r", "\n")
    assert unescaped(values["DESCRIPTION"]) == expected


def test_lines_are_folded_at_75_octets_between_characters():
    data = to_ics(replace(INVITATION, summary="😀" * 200, description="ü," * 2_000))

    lines = data.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert b"\n" not in b"".join(lines)
    assert all(line.decode() is not None for line in lines)
