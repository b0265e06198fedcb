"""Sending one mail to one person through the mail server, and what its errors mean."""

import smtplib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from types import TracebackType
from typing import Any, Self

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

# Seconds that the server may take for each step. A mail takes four steps on an open connection,
# so that its lease (meetings.models.claims.LEASE) outlasts them.
TIMEOUT = 10


@dataclass(frozen=True)
class Attachment:
    """A calendar file, and the method that it stands for (RFC 6047)."""

    content: bytes
    method: str


@dataclass(frozen=True)
class Mail:
    """message_id: the same each time the same mail is sent. headers: additional ones."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    calendar: Attachment | None = None


class MailError(Exception):
    """The mail was not sent. str() is a reason without addresses or texts.

    is_permanent: a retry would fail too. is_server: for now, other mails would fail too.
    """

    def __init__(self, reason: str, *, is_permanent: bool = False, is_server: bool = False) -> None:
        super().__init__(reason)
        self.is_permanent = is_permanent
        self.is_server = is_server


class Mailer:
    """Sends mails over one connection, reopened after an error. Use it in a with block."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend = get_connection(timeout=TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hang_up()

    def connect(self) -> MailError | None:
        """Open the connection, unless it is open; returns the error if that fails, else None."""
        try:
            self._connection.open()
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            self._hang_up()
            return _meaning(error)
        return None

    def send(self, mail: Mail) -> None:
        """Send the mail. Raises MailError unless the server has confirmed that it accepts it."""
        try:
            self._connection.send_messages([_message(mail)])
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            self._hang_up()
            raise _meaning(error) from error

    def _hang_up(self) -> None:
        # Even if QUIT fails, the backend drops the socket.
        with suppress(OSError):
            self._connection.close()


def _message(mail: Mail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[mail.to],
        headers={"Message-ID": mail.message_id, **mail.headers},
    )
    message.attach_alternative(mail.html, "text/html")
    if mail.calendar:
        message.attach(_part(mail.calendar))
    return message


def _part(calendar: Attachment) -> MIMEBase:
    part = MIMEBase("text", "calendar", method=calendar.method, charset="utf-8")
    part.set_payload(calendar.content)
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename="invitation.ics")
    return part


def _meaning(error: Exception) -> MailError:
    """The MailError for an exception: whether it is about this mail or about the server."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, text = next(iter(error.recipients.values()))
            return _answered("recipient refused", code, text)
        case smtplib.SMTPDataError():
            return _answered("mail refused", error.smtp_code, error.smtp_error)
        case smtplib.SMTPResponseException():
            # The greeting, the log-in or the sender: a problem of our set-up, for staff to fix.
            return MailError(f"server refuses us: {error.smtp_code}", is_server=True)
        case smtplib.SMTPNotSupportedError() | UnicodeError():
            return MailError("the server cannot take this address", is_permanent=True)
        case TimeoutError():
            return MailError("the server did not answer in time", is_server=True)
    return MailError(f"server not reached: {type(error).__name__}", is_server=True)


def _answered(what: str, code: int, text: Any) -> MailError:
    """5xx is permanent, 4xx temporary, and 421 means that the server closes (RFC 5321, 4.2.1)."""
    words = (text.decode(errors="replace") if isinstance(text, bytes) else str(text)).split()
    # "5.1.1" of RFC 3463; the words after it may name the address.
    status = words[0] if words and words[0][:1].isdigit() and words[0].count(".") == 2 else ""
    reason = f"{what}: {code} {status}".strip()
    return MailError(reason, is_permanent=500 <= code < 600, is_server=code == 421)
