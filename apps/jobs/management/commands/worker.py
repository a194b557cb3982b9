"""Do the jobs that wait in the queue."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.jobs.pool import Pool


class Command(BaseCommand):
    help = "Do the jobs that wait in the queue, until SIGTERM or SIGINT (FOVEA_WORKERS processes)."

    # They would load the addresses, and with them all that only the web process needs.
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        Pool().run()
