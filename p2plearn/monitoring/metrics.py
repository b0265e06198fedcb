"""Figures for Prometheus at `/metrics`, where METRICS_TOKEN is set.

Requests, bookings and refusals are counted in each web process and added up when they are asked
for; what is due, and the worker, are looked up in the database at that moment.
"""

import fcntl
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from secrets import compare_digest
from time import monotonic

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from meetings.integrations import counters
from meetings.integrations.outages import is_transient
from meetings.models import CalendarEvent, Heartbeat, Notification
from meetings.tasks import longest_wait
from p2plearn.monitoring.health import readiness

PATH = "/metrics"
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def _folder() -> Path:
    """Where the processes on this machine that share a database keep their counts.

    In memory where there is such a place: they are mapped files, and a process that writes to one
    on a full disk is killed. The place is open to all who have an account here, so it must be ours.
    """
    memory = Path("/dev/shm")  # noqa: S108  checked below
    database = settings.DATABASES["default"]
    site = zlib.crc32(f"{database.get('HOST')} {database['NAME']}".encode())
    base = memory if memory.is_dir() else Path(tempfile.gettempdir())
    folder = base / f"p2plearn-metrics-{os.getuid()}-{site:08x}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise ImproperlyConfigured(f"{folder} belongs to somebody else.")
    return folder


class _Slot:
    """A number of one's own among the processes that run now.

    It names the file with a process's counts. Who comes after one that has ended counts on where
    that one was, so that there are no more files than processes, and no count ever falls.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pid = 0
        self._number = 0

    def __call__(self) -> int:
        if self._pid != os.getpid():
            # Also after a fork: the lock of the parent is the parent's.
            self._pid, self._number = os.getpid(), self._take()
        return self._number

    def _take(self) -> int:
        number = 0
        while True:
            lock = os.open(self._folder / f"{number}.lock", os.O_CREAT | os.O_RDWR, 0o600)
            try:
                # Held, and the file open, until this process ends.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                number += 1
            else:
                return number


FOLDER = _folder()
# Where the library looks for it.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(FOLDER)
values.ValueClass = values.MultiProcessValue(process_identifier=_Slot(FOLDER))

# They are found in the files, so no registry has to hold them.
REQUESTS = Counter(
    "p2plearn_requests", "Requests answered", ["view", "method", "status"], registry=None
)
SECONDS = Histogram("p2plearn_request_seconds", "Seconds until the answer", ["view"], registry=None)
BOOKINGS = Counter("p2plearn_bookings", "Meetings booked", registry=None)
REFUSALS = Counter("p2plearn_refusals", "Verbs refused", ["code"], registry=None)


def _count(event: str, code: str) -> None:
    if event == counters.BOOKED:
        BOOKINGS.inc()
    else:
        REFUSALS.labels(code).inc()


counters.on_event(_count)


class _Now(Collector):
    """What is so at this moment; of what cannot be asked there is only the check that fails."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = timezone.now()
        checks = readiness(now)
        ready = GaugeMetricFamily("p2plearn_check_ok", "1 if it holds", labels=["check"])
        for name, result in checks.items():
            ready.add_metric([name], float(result == "ok"))
        yield ready
        yield from self._in_queue()
        if checks["database"] == "ok":
            yield from self._in_database()

    @staticmethod
    def _in_queue() -> Iterator[GaugeMetricFamily]:
        try:
            wait = longest_wait().total_seconds()
        except Exception as error:
            if not is_transient(error):
                raise
            return
        yield GaugeMetricFamily("p2plearn_queue_wait_seconds", "How long the next job waits", wait)

    @staticmethod
    def _in_database() -> Iterator[GaugeMetricFamily]:
        now = timezone.now()
        if (beat_at := Heartbeat.objects.latest_beat()) is not None:
            age = (now - beat_at).total_seconds()
            yield GaugeMetricFamily("p2plearn_worker_silent_seconds", "Since its last beat", age)
        mails = Notification.objects.due(now)
        yield GaugeMetricFamily("p2plearn_mails_due", "Mails that are to go now", mails.count())
        oldest = mails.values_list("due_at", flat=True).first()
        late = (now - oldest).total_seconds() if oldest else 0
        yield GaugeMetricFamily("p2plearn_mails_late_seconds", "Since the oldest was due", late)
        events = CalendarEvent.objects.filter(due_at__isnull=False).count()
        yield GaugeMetricFamily(
            "p2plearn_calendar_behind", "Meetings whose event waits for its next try", events
        )


class MetricsMiddleware:
    """Counts every request, and answers whoever brings the token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._registry = CollectorRegistry()
        MultiProcessCollector(self._registry, path=str(FOLDER))
        self._registry.register(_Now())

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == PATH:
            return self._figures(request)
        began = monotonic()
        response = self.get_response(request)
        view = request.resolver_match.view_name if request.resolver_match else ""
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(view, method, response.status_code).inc()
        SECONDS.labels(view).observe(monotonic() - began)
        return response

    def _figures(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("Authorization", "").encode()
        if not compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
            response = HttpResponse(status=HTTPStatus.UNAUTHORIZED)
            response["WWW-Authenticate"] = "Bearer"
            return response
        return HttpResponse(generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST)
