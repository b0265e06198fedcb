"""Where a meeting's event lives: the mentor's own calendar, the platform's, or none at all.

A meeting keeps its home for life, so that whatever happens to connections later, its event is
looked for where it was made and never made a second time elsewhere.
"""

from datetime import datetime

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils import timezone

from accounts.models import CalendarConnection, User
from meetings.models.notifying import tell_connection_lost
from meetings.services.calendar import CalendarBackend, CalendarError, calendar_backend
from meetings.services.google.account import GoogleAccount, platform_account

LOCAL = "local"
PLATFORM = "platform"
CONNECTED = "google:"


def connection_of(person: User) -> CalendarConnection | None:
    """The person's own connection, working or not."""
    return getattr(person, "calendar_connection", None)


def home_of(connection: CalendarConnection) -> str:
    """The name of the calendar that the connection leads to."""
    return f"{CONNECTED}{connection.google_id}"


def home_for(mentor: User) -> str:
    """Where a new meeting of this mentor lives."""
    connection = connection_of(mentor)
    if connection is not None and connection.is_working:
        return home_of(connection)
    return PLATFORM if platform_account() else LOCAL


def offers_meet(mentor: User) -> bool:
    """Whether a booking with the mentor leads to a room on Google Meet, so that a page may
    promise one."""
    return home_for(mentor) != LOCAL


def account_of(connection: CalendarConnection) -> GoogleAccount:
    """The account to talk to Google with. Raises cryptography.fernet.InvalidToken if no key fits
    its token."""
    return GoogleAccount(connection.google_id, connection.refresh_token)


def is_connected(home: str) -> bool:
    """Whether that calendar is a person's, whose consent holds as far as is known."""
    google_id = home.removeprefix(CONNECTED)
    return CalendarConnection.objects.working().filter(google_id=google_id).exists()


def mark_broken(home: str, *, before: datetime) -> None:
    """Google has said that the consent behind this calendar has ended: tell its owner, once.

    before: when Google was asked; a consent that was given since then is another one.
    """
    google_id, now = home.removeprefix(CONNECTED), timezone.now()
    rows = CalendarConnection.objects.working().filter(
        google_id=google_id, connected_at__lte=before
    )
    with transaction.atomic():
        connection = rows.first()
        if connection is not None and rows.filter(pk=connection.pk).update(broken_at=now):
            tell_connection_lost(connection.user_id, now)


def calendar_at(home: str) -> CalendarBackend:
    """The calendar of that name. Raises CalendarError if it cannot be reached any more."""
    if home == LOCAL:
        return calendar_backend()
    # The client library costs 45 ms and 6 MB, so it is loaded when Google is first used.
    from meetings.services.google.backend import GoogleCalendar  # noqa: PLC0415

    if home == PLATFORM:
        account = platform_account()
        if account is None:
            raise CalendarError("the platform's Google account is not set up any more")
        return GoogleCalendar(account)
    google_id = home.removeprefix(CONNECTED)
    connection = CalendarConnection.objects.working().filter(google_id=google_id).first()
    if connection is None:
        raise CalendarError("the Google calendar is not connected any more", is_revoked=True)
    try:
        return GoogleCalendar(account_of(connection))
    except InvalidToken as error:
        # A wrong setting, which passes when it is mended: no reason to trouble the owner.
        raise CalendarError("no key of ENCRYPTION_KEYS fits the stored token") from error
