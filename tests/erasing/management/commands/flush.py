"""Django's flush, with the record's triggers out of the way while it runs."""

from typing import Any

from django.core.management.commands.flush import Command as Flush
from django.db import connection

from apps.audit import append_only


class Command(Flush):
    def handle(self, **options: Any) -> None:
        append_only.remove(connection)
        try:
            super().handle(**options)
        finally:
            append_only.install(connection)
