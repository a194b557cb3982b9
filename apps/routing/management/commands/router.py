"""Send what the rules and people have put into the outbox."""

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from apps.routing.router import Router


class Command(BaseCommand):
    help = "Route what arrives and send what is to go, until SIGTERM or SIGINT."

    # They would load the addresses, and with them all that only the web process needs.
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        stopping = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        Router(stopping).run()
