"""Do the jobs that wait in the queue."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.jobs.pool import Pool


class Command(BaseCommand):
    help = "Do the jobs that wait in the queue, until SIGTERM or SIGINT (FOVEA_WORKERS processes)."

    def handle(self, *_: Any, **__: Any) -> None:
        Pool().run()
