"""Turning each error response of Google into a CalendarError.

Source: https://developers.google.com/workspace/calendar/api/guides/errors
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException

import httplib2
from google.auth.exceptions import RefreshError, TransportError
from googleapiclient.errors import Error as ClientError
from googleapiclient.errors import HttpError

from meetings.integrations.calendar import CalendarError

RATE_REASONS = {"rateLimitExceeded", "userRateLimitExceeded"}
QUOTA_REASONS = {"quotaExceeded", "dailyLimitExceeded"}
# A usage limit lasts for hours; asking again sooner only prolongs it.
QUOTA_WAIT = timedelta(hours=1)
LONGEST_WAIT = timedelta(hours=6)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the client library raises into CalendarError; a bug of ours passes through."""
    try:
        yield
    except HttpError as error:
        raise _from_answer(error) from error
    except RefreshError as error:
        raise _from_refresh(error) from error
    except (TransportError, httplib2.HttpLib2Error, OSError) as error:
        raise CalendarError(f"Google was not reached ({type(error).__name__})") from error
    except (ClientError, HTTPException, ValueError) as error:
        # Cut short, or no JSON. Whether the request took effect is unknown, so retry.
        raise CalendarError(f"Google's answer was unreadable ({type(error).__name__})") from error


def reason_of(error: HttpError) -> str:
    """Google's code for the error, such as "notFound"; empty if there is none."""
    try:
        details = json.loads(error.content)["error"]
        return str(details["errors"][0]["reason"])
    except (ValueError, KeyError, IndexError, TypeError):
        return ""


def _from_answer(error: HttpError) -> CalendarError:
    status, reason = int(error.resp.status), reason_of(error)
    text = f"Google answered {status} {reason}".strip()
    if status == HTTPStatus.FORBIDDEN and reason in QUOTA_REASONS:
        return CalendarError(text, retry_after=QUOTA_WAIT)
    # A 401 may pass: if the consent had ended, refreshing the token would already have failed.
    is_passing = (
        status
        in (HTTPStatus.UNAUTHORIZED, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
        or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or (status == HTTPStatus.FORBIDDEN and reason in RATE_REASONS)
    )
    if is_passing:
        return CalendarError(text, retry_after=_retry_after(error.resp.get("retry-after", "")))
    return CalendarError(text, is_permanent=True)


def _from_refresh(error: RefreshError) -> CalendarError:
    """invalid_grant means that the consent has ended (RFC 6749, 5.2); an unknown client is a wrong
    setting; anything else may pass."""
    details = " ".join(str(argument) for argument in error.args)
    if "invalid_grant" in details:
        return CalendarError("Google has ended the consent (invalid_grant)", is_revoked=True)
    if "invalid_client" in details or "unauthorized_client" in details:
        return CalendarError("Google does not know this client", is_permanent=True)
    return CalendarError("Google gave no access token")


def _retry_after(header: str) -> timedelta | None:
    """The wait from a Retry-After header, seconds or a date (RFC 9110, 10.2.3), at most
    LONGEST_WAIT; None if it cannot be read."""
    if header.isdecimal():
        return min(timedelta(seconds=int(header[:9])), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(header) - datetime.now(UTC)
    except (ValueError, TypeError):
        return None
    return min(max(wait, timedelta()), LONGEST_WAIT)
