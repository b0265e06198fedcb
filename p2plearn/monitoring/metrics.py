"""Metrics for Prometheus at `/metrics`, if METRICS_TOKEN is set.

Each web process counts requests, bookings and refusals; each scrape adds them up. A scrape also
queries the database for due work and the worker's heartbeat.
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
    """The folder for the counts of all processes on this machine that share a database.

    In memory if possible: the files are memory-mapped, and writing to one on a full disk kills the
    process. Raises ImproperlyConfigured if another account of this machine owns the folder.
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
    """A number that is unique among the running processes.

    It names the file with a process's counts. A new process takes over the number and the counts of
    one that has ended, so there are no more files than processes, and no count ever falls.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pid = 0
        self._number = 0

    def __call__(self) -> int:
        if self._pid != os.getpid():
            # Also after a fork: the parent's lock stays with the parent.
            self._pid, self._number = os.getpid(), self._take()
        return self._number

    def _take(self) -> int:
        number = 0
        while True:
            lock = os.open(self._folder / f"{number}.lock", os.O_CREAT | os.O_RDWR, 0o600)
            try:
                # The file stays open and locked until this process ends.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                number += 1
            else:
                return number


FOLDER = _folder()
# prometheus_client reads the folder from here.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(FOLDER)
values.ValueClass = values.MultiProcessValue(process_identifier=_Slot(FOLDER))

# They are read from the files, so they need no registry.
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
    """Gauges measured at each scrape; a service that is down has only its failed check."""

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
    """Counts every request, and answers /metrics if the request has the token."""

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
