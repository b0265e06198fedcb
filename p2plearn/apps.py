from django.apps import AppConfig
from django.core.checks import register
from huey.contrib.djhuey import HUEY

from p2plearn.checks import check_redis
from p2plearn.work import log_jobs


class SiteConfig(AppConfig):
    """What is wired up when everything else is there."""

    name = "p2plearn"

    def ready(self) -> None:
        register(check_redis, deploy=True)
        log_jobs(HUEY)
