import argparse
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.crypto import constant_time_compare

from meetings.integrations.google import oauth
from meetings.integrations.google.consent import AuthorizationRequest, ConsentError
from meetings.management.redirect_server import RedirectServer

# The port in docs/google.md.
PORT = 8765
PATIENCE = timedelta(minutes=10)


class Command(BaseCommand):
    help = (
        "Asks for the consent of the Google account that is to keep the platform's meetings, and "
        "prints its refresh token, once. The OAuth client must allow the redirect address "
        f"http://127.0.0.1:{PORT}/."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--port",
            type=int,
            default=PORT,
            help="port of the redirect address, which the OAuth client must allow",
        )
        parser.add_argument(
            "--manual",
            action="store_true",
            help="the browser runs on another machine: paste the address that it ends on",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.HAS_GOOGLE_CLIENT:
            raise CommandError(
                "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET come first; docs/google.md tells how."
            )
        here = f"http://127.0.0.1:{options['port']}/"
        request = oauth.authorization_request(settings.GOOGLE_SCOPES, redirect_uri=here)
        if options["manual"]:
            answer = self._paste(request, here)
        else:
            answer = self._wait(request, options["port"])
        token = self._redeem(request, parse_qs(urlsplit(answer).query), here)
        self.stdout.write(
            "\nPut this line into .env, keep it secret, and restart the site and its worker. It is "
            "not shown again.\n"
        )
        self.stdout.write(f"GOOGLE_REFRESH_TOKEN={token}")
        self.stdout.write("\nThen `manage.py google_check` tries it.")

    def _wait(self, request: AuthorizationRequest, port: int) -> str:
        try:
            server = RedirectServer(port)
        except OSError as error:
            raise CommandError(f"Port {port} is not free: {error.strerror}.") from error
        with server:
            self.stdout.write(
                "Open this address in a browser on this machine, choose the account that is to "
                f"keep the meetings, and agree:\n\n{request.url}\n"
            )
            self.stdout.flush()
            answer = server.wait(PATIENCE)
        if answer is None:
            raise CommandError("No answer came within ten minutes.")
        return answer

    def _paste(self, request: AuthorizationRequest, here: str) -> str:
        self.stdout.write(
            "Open this address in any browser, choose the account that is to keep the meetings, "
            f"and agree:\n\n{request.url}\n"
        )
        self.stdout.write(f"The browser ends on a page of {here} that it cannot show.")
        return input("Paste the whole address of that page here: ").strip()

    def _redeem(
        self, request: AuthorizationRequest, answer: dict[str, list[str]], here: str
    ) -> str:
        state, error, code = (answer.get(name, [""])[0] for name in ("state", "error", "code"))
        if not constant_time_compare(state, request.state):
            raise CommandError("This answer belongs to another request. Please begin again.")
        if not code:
            raise CommandError(f"Google answered: {error or 'no code'}.")
        try:
            grant = oauth.exchange_code(code, verifier=request.verifier, redirect_uri=here)
        except ConsentError as refused:
            raise CommandError(f"Google did not confirm it: {refused}.") from refused
        if missing := grant.lacks(settings.GOOGLE_SCOPES):
            raise CommandError(f"Not granted: {', '.join(missing)}. Begin again, tick every box.")
        if not grant.refresh_token:
            raise CommandError(
                "Google gave no refresh token. Remove this site from the third-party connections "
                "of that Google Account, and begin again."
            )
        return grant.refresh_token
