"""Tell webhooks what happens."""

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from apps.webhooks.courier import Courier


class Command(BaseCommand):
    help = "Send what webhooks are to be told, until SIGTERM or SIGINT."

    # They would load the addresses, and with them all that only the web process needs.
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        stopping = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        Courier(stopping).run()
