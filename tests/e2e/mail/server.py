"""A mail server on loopback that accepts mails, or fails as configured."""

import re
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

Reply = str | Callable[[], str]


class MailServer(socketserver.ThreadingTCPServer):
    """mails: the accepted ones. The rest are replies instead of 250: refuse by
    recipient, greeting for everybody; after_data runs before a mail is acknowledged."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.mails: list[EmailMessage] = []
        self.greeting = "220 loopback"
        self.refuse: dict[str, str] = {}
        # Seconds before the reply to RCPT TO, by recipient.
        self.delay: dict[str, float] = {}
        self.after_data: Callable[[EmailMessage], object] = lambda mail: None
        self.conversations = 0

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def email_url(self) -> str:
        """The value for EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def settings(self) -> dict[str, Any]:
        """Django settings that send mail to this server."""
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": self.port,
            "EMAIL_HOST_USER": "",
            "EMAIL_HOST_PASSWORD": "",
            "EMAIL_USE_TLS": False,
            "EMAIL_USE_SSL": False,
        }

    def times_taken(self) -> Counter[str]:
        """`{Message-ID: count}` of the accepted mails."""
        return Counter(str(mail["Message-ID"]) for mail in self.mails)

    def mails_to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.conversations += 1
        self._say(self.server.greeting)
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                self._say("221 bye")
                return
            if verb == b"RCPT":
                found = re.search(rb"<(.*?)>", line)
                recipient = found[1].decode() if found else ""
                time.sleep(self.server.delay.get(recipient, 0))
                self._say(self.server.refuse.get(recipient, "250 ok"))
            elif verb == b"DATA":
                self._say("354 go on")
                self._take()
            else:
                self._say("250 ok")

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        if not line:
            return
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.server.mails.append(mail)
        self.server.after_data(mail)
        self._say("250 taken")

    def _say(self, text: str) -> None:
        try:
            self.wfile.write(f"{text}\r\n".encode())
        except OSError:
            # The client has gone away, or was killed.
            self.rfile.close()


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
