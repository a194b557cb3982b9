"""`manage.py dicom_server`: answer the DICOM network."""

import resource
import signal
from threading import Event
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.audit import access
from apps.dimse import garbage
from apps.dimse.limits import Limits
from apps.dimse.listener import AddressInUse
from apps.dimse.server import Address, Server
from apps.remotes.admission import admit
from apps.remotes.trust import server_context

# Files that may be open at once: connections, the databases' files, and what is being stored.
FILES: Final = 8192


class Command(BaseCommand):
    help = "Answer the DICOM network (FOVEA_DIMSE, FOVEA_DIMSE_TLS), until SIGTERM or SIGINT."

    # They would load the addresses, and with them all that only the web process needs.
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        stopping = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        _allow_files()
        try:
            server = Server(_addresses(), Limits.of_site(), admit)
        except AddressInUse as error:
            raise CommandError(f"{error} Choose another by FOVEA_DIMSE or FOVEA_DIMSE_TLS.") from error
        garbage.leave_alone()
        with server:
            stopping.wait()
        access.flush()


def _addresses() -> list[Address]:
    plain = Address(settings.DIMSE_HOST, settings.DIMSE_PORT)
    return [plain, Address(*settings.DIMSE_TLS, server_context)] if settings.DIMSE_TLS else [plain]


def _allow_files() -> None:
    """Raise the limit on open files as far as this process may, and no further than is of use."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
