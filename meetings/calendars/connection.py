"""Connecting and disconnecting a person's own Google Calendar."""

import logging
from datetime import datetime, timedelta
from enum import Enum
from types import ModuleType

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import CalendarConnection, User
from meetings.calendars.external_busy import read_busy_times
from meetings.calendars.homes import home_of
from meetings.integrations.google.consent import (
    IDENTITY_SCOPES,
    AuthorizationRequest,
    ConsentError,
    Grant,
)
from meetings.models import CalendarEvent, ExternalBusy

logger = logging.getLogger(__name__)

# How long a person waits, at most, for the first reading of busy times.
FIRST_READING = timedelta(seconds=5)
# The check boxes of Google's consent screen, by scope.
BOXES = {
    "https://www.googleapis.com/auth/calendar.events.owned": _(
        "See, create, change, and delete events on Google calendars you own"
    ),
    "https://www.googleapis.com/auth/calendar.freebusy": _(
        "View your availability in your calendars"
    ),
}


class Refusal(Enum):
    """Why a calendar was not connected, as texts for the person."""

    STATE = _(
        "That answer of Google’s does not belong to a connection that you began here in the last "
        "ten minutes. Nothing was connected; please begin again."
    )
    DENIED = _("You did not allow it at Google, so nothing was connected.")
    SCOPE = _(
        "Nothing was connected, because this was left unticked at Google: %(boxes)s. Please "
        "connect again and tick every box."
    )
    NO_REFRESH_TOKEN = _(
        "Nothing was connected: Google gave no lasting access. Remove this site from the "
        "third-party connections of your Google Account, and connect again."
    )
    TAKEN = _(
        "Nothing was connected: somebody else has connected this Google account here. Please "
        "choose another one."
    )
    FAILED = _("Nothing was connected: Google did not confirm it. Please begin again.")


class ConnectionRefused(Exception):
    """Nothing was connected. str() is a text for the person."""

    def __init__(self, refusal: Refusal, **params: str) -> None:
        self.refusal = refusal
        super().__init__(gettext(str(refusal.value)) % params)


def request_calendar() -> AuthorizationRequest:
    """The consent screen on which a person allows us their calendar."""
    scopes = (*settings.GOOGLE_SCOPES, *IDENTITY_SCOPES)
    request: AuthorizationRequest = _oauth().authorization_request(
        scopes, redirect_uri=settings.GOOGLE_REDIRECT_URI
    )
    return request


def connect(person: User, *, code: str, verifier: str, now: datetime) -> CalendarConnection:
    """Connect the calendar of the account that consented; it replaces an earlier connection.

    Its busy times are read, and events that have waited for it become due again. Raises
    ConnectionRefused; an earlier connection is then unchanged.
    """
    try:
        grant: Grant = _oauth().exchange_code(
            code, verifier=verifier, redirect_uri=settings.GOOGLE_REDIRECT_URI
        )
    except ConsentError as error:
        logger.warning("calendar of %s not connected: %s", person.pk, error)
        raise ConnectionRefused(Refusal.FAILED) from error
    _check(person, grant)
    connection, replaced = _store(person, grant, now)
    if replaced:
        _revoke(person, replaced)
    read_busy_times(connection, now=now, timeout=FIRST_READING)
    connection.refresh_from_db()
    return connection


def disconnect(person: User) -> bool:
    """Delete the person's connection and busy times; returns whether the consent was revoked."""
    connection = CalendarConnection.objects.filter(user=person).first()
    if connection is None:
        return True
    try:
        is_revoked = _revoke(person, connection.refresh_token)
    except InvalidToken:
        logger.warning("calendar of %s: its token cannot be decrypted", person.pk)
        is_revoked = False
    with transaction.atomic():
        # The connection first: a concurrent read then either stores its busy times before they
        # are deleted here, or finds no connection and stores none.
        connection.delete()
        ExternalBusy.objects.filter(person=person).delete()
    return is_revoked


def _check(person: User, grant: Grant) -> None:
    """Raise ConnectionRefused unless the grant is complete and nobody else has the account.

    A grant that lacks scopes is revoked, unless a connection uses the same account: Google would
    end that one too.
    """
    if not grant.google_id:
        raise ConnectionRefused(Refusal.FAILED)
    known = CalendarConnection.objects.filter(google_id=grant.google_id).first()
    if known is not None and known.user_id != person.pk:
        raise ConnectionRefused(Refusal.TAKEN)
    if missing := grant.lacks(settings.GOOGLE_SCOPES):
        if known is None:
            _revoke(person, grant.token)
        boxes = ", ".join(f"“{BOXES.get(scope, scope)}”" for scope in missing)
        raise ConnectionRefused(Refusal.SCOPE, boxes=boxes)
    if not grant.refresh_token:
        raise ConnectionRefused(Refusal.NO_REFRESH_TOKEN)


def _store(person: User, grant: Grant, now: datetime) -> tuple[CalendarConnection, str]:
    """Store the grant; returns the connection, and the replaced account's token or ""."""
    replaced = ""
    try:
        with transaction.atomic():
            rows = CalendarConnection.objects.select_for_update().filter(user=person)
            connection = rows.first() or CalendarConnection(user=person)
            if connection.google_id not in ("", grant.google_id):
                replaced = _readable_token(connection)
                connection.busy_read_at = None
                ExternalBusy.objects.filter(person=person).delete()
            connection.google_id, connection.google_email = grant.google_id, grant.email
            connection.refresh_token = grant.refresh_token
            connection.connected_at, connection.broken_at = now, None
            connection.save()
            waiting = CalendarEvent.objects.behind().at(home_of(connection))
            waiting.update(due_at=now, tries=0)
    except IntegrityError as error:
        raise ConnectionRefused(Refusal.TAKEN) from error
    return connection, replaced


def _readable_token(connection: CalendarConnection) -> str:
    """The token; empty if no key fits any more, so that it cannot be revoked."""
    try:
        return connection.refresh_token
    except InvalidToken:
        return ""


def _revoke(person: User, token: str) -> bool:
    try:
        _oauth().revoke(token)
    except ConsentError as error:
        logger.warning("consent of %s not revoked: %s", person.pk, error)
        return False
    return True


def _oauth() -> ModuleType:
    # Imported on first use, since its libraries take 100 ms.
    from meetings.integrations.google import oauth  # noqa: PLC0415

    return oauth
