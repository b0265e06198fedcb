"""Clients that book all the time, and record the responses."""

import http.client
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import MentorProfile, User
from tests.e2e.kills.stack import Stack
from tests.meetings.api.caller import tokens_of

SECONDS = 30
SECONDS_TO_BOOK = 120
DAYS = 60


@dataclass
class Told:
    """booked: `{meeting id: request}` of confirmed bookings. refused: codes of refusals. lost:
    requests without a response, with their keys. wrong: responses that must never occur."""

    booked: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    lost: list["Request"] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Request:
    access: str
    key: str
    body: dict[str, Any]


class Crowd:
    """That many people book once a second each, while the stack is up, until the block ends."""

    def __init__(
        self, stack: Stack, learners: Sequence[User], mentors: Sequence[MentorProfile]
    ) -> None:
        self._stack, self._mentors = stack, [str(mentor.pk) for mentor in mentors]
        self._tokens = [tokens_of(learner)["access_token"] for learner in learners]
        self._is_over = threading.Event()
        self._threads = [
            threading.Thread(target=self._book_on, args=(token,)) for token in self._tokens
        ]
        # Needs no lock: appending to a list and setting a key are atomic.
        self.told = Told()

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int) -> None:
        """Wait until that many more bookings have been confirmed, however slow the machine is."""
        wanted = len(self.told.booked) + more
        deadline = time.monotonic() + SECONDS_TO_BOOK
        while len(self.told.booked) < wanted:
            assert time.monotonic() < deadline, self._stack.logged()
            time.sleep(0.05)

    def ask_again(self) -> None:
        """Repeat the requests without a response, with the same keys."""
        lost, self.told.lost = self.told.lost, []
        for request in lost:
            self._ask(request)

    def _book_on(self, token: str) -> None:
        random = Random()
        time.sleep(random.random())
        while not self._is_over.is_set():
            began = time.monotonic()
            if self._stack.is_up.wait(0.1):
                self._ask(self._request(token, random))
                time.sleep(max(began + 1 - time.monotonic(), 0))

    def _request(self, token: str, random: Random) -> Request:
        today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        slot = timedelta(days=2, minutes=30 * random.randrange(DAYS * 48))
        body = {
            "mentorId": random.choice(self._mentors),
            "subject": "Loops",
            "scheduledAt": (today + slot).isoformat(),
            "duration": 30,
        }
        return Request(token, str(uuid4()), body)

    def _ask(self, request: Request) -> None:
        headers = {
            "Authorization": f"Bearer {request.access}",
            "Content-Type": "application/json",
            "Idempotency-Key": request.key,
        }
        connection = http.client.HTTPConnection(self._stack.address, timeout=SECONDS)
        try:
            connection.request("POST", "/api/meetings/create", json.dumps(request.body), headers)
            response = connection.getresponse()
            status, answer = response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            # The server was killed before, during or after it; only the key can tell.
            self.told.lost.append(request)
            return
        finally:
            connection.close()
        self._note(request, status, answer)

    def _note(self, request: Request, status: int, answer: dict[str, Any]) -> None:
        if status == 201:
            self.told.booked[answer["meeting"]["_id"]] = request.body
        elif answer.get("code") in ("key_in_use", "unavailable"):
            # A killed process still has a claim on the key, or a lock on the rows.
            self.told.lost.append(request)
        elif status == 409:
            self.told.refused.append(answer["code"])
        else:
            self.told.wrong.append(f"{status} {answer}")
