"""Record what is to be recorded from live sources."""

import signal
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.video.live.recorder import Recorder


class Command(BaseCommand):
    help = "Record live sources (FOVEA_RECORDING_NETWORKS), until SIGTERM or SIGINT."

    # They would load the addresses, and with them all that only the web process needs.
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        if not settings.RECORDING_NETWORKS:
            raise CommandError("FOVEA_RECORDING_NETWORKS names no network that films may be recorded from.")
        stopping = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        Recorder(stopping).run()
