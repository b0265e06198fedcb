"""Which calendar an event lives in: the mentor's own, the platform's, or none at all."""

from datetime import datetime

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils import timezone

from accounts.models import CalendarConnection, User
from meetings.integrations.calendar import (
    PLATFORM_ACCOUNT,
    CalendarBackend,
    CalendarError,
    CalendarProvider,
    calendar_backend,
)
from meetings.integrations.google.account import GoogleAccount, platform_account
from meetings.models.calendar_event import CalendarHome
from meetings.notifications.notify import notify_connection_lost

LOCAL = CalendarHome(CalendarProvider.LOCAL)
PLATFORM = CalendarHome(CalendarProvider.GOOGLE, PLATFORM_ACCOUNT)


def connection_of(person: User) -> CalendarConnection | None:
    """The person's own connection, working or not; None without one."""
    return getattr(person, "calendar_connection", None)


def home_of(connection: CalendarConnection) -> CalendarHome:
    """The calendar that the connection leads to."""
    return CalendarHome(CalendarProvider.GOOGLE, connection.google_id)


def home_for(mentor: User) -> CalendarHome:
    """Where the events of the mentor's new meetings live."""
    connection = connection_of(mentor)
    if connection is not None and connection.is_working:
        return home_of(connection)
    return PLATFORM if platform_account() else LOCAL


def offers_meet(mentor: User) -> bool:
    """Whether a booking with the mentor leads to a room on Google Meet, so that a page may
    promise one."""
    return home_for(mentor).provider == CalendarProvider.GOOGLE


def account_of(connection: CalendarConnection) -> GoogleAccount:
    """The account to talk to Google with. Raises cryptography.fernet.InvalidToken if no key fits
    its token."""
    return GoogleAccount(connection.google_id, connection.refresh_token)


def is_working(home: CalendarHome) -> bool:
    """Whether the calendar is a person's own and its consent has not ended, as far as is known."""
    return CalendarConnection.objects.working().filter(google_id=home.account).exists()


def mark_broken(home: CalendarHome, *, before: datetime) -> bool:
    """Mark the consent behind this calendar as ended, and notify its owner once.

    before: when Google was asked. Returns False, and does nothing, if the consent was renewed
    since then or was marked already.
    """
    now = timezone.now()
    rows = CalendarConnection.objects.working().filter(
        google_id=home.account, connected_at__lte=before
    )
    with transaction.atomic():
        connection = rows.first()
        if connection is None or not rows.filter(pk=connection.pk).update(broken_at=now):
            return False
        notify_connection_lost(connection.user_id, now)
    return True


def calendar_at(home: CalendarHome) -> CalendarBackend:
    """The backend of that calendar. Raises CalendarError if there is no access to it any more."""
    if home.is_local:
        return calendar_backend()
    # Imported on first use: the client library costs 45 ms and 6 MB.
    from meetings.integrations.google.backend import GoogleCalendar  # noqa: PLC0415

    if home == PLATFORM:
        account = platform_account()
        if account is None:
            raise CalendarError("the platform's Google account is not set up any more")
        return GoogleCalendar(account)
    connection = CalendarConnection.objects.working().filter(google_id=home.account).first()
    if connection is None:
        raise CalendarError("the Google calendar is not connected any more", is_revoked=True)
    try:
        return GoogleCalendar(account_of(connection))
    except InvalidToken as error:
        # A wrong setting, which staff have to correct: no reason to notify the owner.
        raise CalendarError("no key of ENCRYPTION_KEYS fits the stored token") from error
