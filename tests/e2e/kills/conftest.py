import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pymongo import MongoClient
from pytest_django import DjangoDbBlocker

from tests.e2e.google.server import LoopbackGoogle
from tests.e2e.google.state import Google
from tests.e2e.kills.checks import PLATFORM
from tests.e2e.kills.stack import Stack
from tests.e2e.mail.server import MailServer, running_mail_server
from tests.e2e.races.database import as_default, empty_database
from tests.e2e.servers.mongodb import MongoServer

MONGO_LIMIT = 10


@dataclass
class World:
    """The running stack, its fake Google and mail server, and a folder for copies."""

    stack: Stack
    google: Google
    mail: MailServer
    folder: Path

    def empty_stack(self) -> Stack:
        """Another stack, on a database without tables."""
        there = empty_database(self.folder, "there")
        media = str(self.folder / "there" / "media")
        env = {**self.stack.env, "DATABASE_URL": there, "MEDIA_ROOT": media}
        return Stack(env, self.folder / "there")


@pytest.fixture
def world(
    tmp_path: Path,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[World]:
    """The stack; the models of this process use its database."""
    with (
        _database(tmp_path) as url,
        LoopbackGoogle() as running,
        running_mail_server() as mail,
    ):
        google = {name: str(value) for name, value in running.settings().items()}
        env = {
            **google,
            "GOOGLE_REFRESH_TOKEN": running.google.consent(
                PLATFORM, " ".join(settings.GOOGLE_SCOPES)
            ),
            # oauthlib refuses plain HTTP, which the test server uses.
            "OAUTHLIB_INSECURE_TRANSPORT": "1",
            "DJANGO_SETTINGS_MODULE": "tests.e2e.mail.worker_settings",
            "ENVIRONMENT": "test",
            "DATABASE_URL": url,
            "MEDIA_ROOT": str(tmp_path / "media"),
            "EMAIL_URL": mail.email_url,
            "RATE_LIMITS": "off",
            "UPCOMING_MEETINGS_LIMIT": "100000",
            "LOG_LEVEL": "ERROR",
        }
        stack = Stack(env, tmp_path)
        stack.migrate()
        with django_db_blocker.unblock(), as_default(url):
            stack.start()
            try:
                yield World(stack, running.google, mail, tmp_path)
            finally:
                stack.kill()


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """MongoDB keeps the transaction of a killed process until the time limit of transactions: a
    minute by default, half an hour for other tests, which need it, and less here."""
    if not os.environ.get("DATABASE_URL", "").startswith("mongodb"):
        yield empty_database(folder, "kills")
        return
    with MongoServer() as server:
        with MongoClient[dict[str, Any]](server.url) as client:
            client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=MONGO_LIMIT)
        yield server.create_database("kills")
