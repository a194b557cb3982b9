"""`manage.py ups_events`: tell subscribers of the events of workitems."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.audit import access
from apps.dicomweb.workitems.events.server import Process


class Command(BaseCommand):
    help = "Tell subscribers of the events of workitems by WebSocket (FOVEA_EVENTS), until SIGTERM or SIGINT."

    # They would load the addresses, and with them all that only the web process needs.
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        try:
            asyncio.run(Process().run())
        except OSError as error:
            raise CommandError(f"{error.strerror or error}. Choose another address by FOVEA_EVENTS.") from error
        access.flush()
