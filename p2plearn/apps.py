from django.apps import AppConfig
from django.conf import settings
from django.core.checks import register
from huey.contrib.djhuey import HUEY

from p2plearn.checks import check_redis
from p2plearn.monitoring.task_log import log_jobs


class SiteConfig(AppConfig):
    """Registers checks, job logs and error reports when all other apps are loaded."""

    name = "p2plearn"

    def ready(self) -> None:
        register(check_redis, deploy=True)
        log_jobs(HUEY)
        if settings.SENTRY_DSN:
            # Optional, and so is its library.
            from p2plearn.monitoring import error_reports  # noqa: PLC0415

            error_reports.start(settings.SENTRY_DSN, environment=settings.ENVIRONMENT)
