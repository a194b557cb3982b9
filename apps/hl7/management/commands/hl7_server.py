"""`manage.py hl7_server`: take HL7 messages."""

import signal
from functools import partial
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.audit import access
from apps.dimse import garbage
from apps.dimse.doors import Address
from apps.dimse.listener import AddressInUse
from apps.hl7.server import HL7Server, certificates_of_senders, limits_of_site
from apps.remotes.trust import server_context


class Command(BaseCommand):
    help = "Take HL7 version 2 messages by MLLP (FOVEA_HL7, FOVEA_HL7_TLS), until SIGTERM or SIGINT."

    # They would load the addresses, and with them all that only the web process needs.
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        stopping = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        addresses = _addresses()
        if not addresses:
            raise CommandError("Say where to listen: FOVEA_HL7=127.0.0.1:2575, or FOVEA_HL7_TLS.")
        try:
            server = HL7Server(addresses, limits_of_site(), settings.HL7_MAX_BYTES)
        except AddressInUse as error:
            raise CommandError(f"{error} Choose another by FOVEA_HL7 or FOVEA_HL7_TLS.") from error
        garbage.leave_alone()
        with server:
            stopping.wait()
        access.flush()


def _addresses() -> list[Address]:
    plain = [Address(*settings.HL7)] if settings.HL7 else []
    secure = partial(server_context, certificates_of_senders)
    return [*plain, *([Address(*settings.HL7_TLS, secure)] if settings.HL7_TLS else [])]
