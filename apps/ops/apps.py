"""Counts what the archive tells of."""

from typing import Any

from django.apps import AppConfig

from apps.core import metrics


class OpsConfig(AppConfig):
    name = "apps.ops"

    def ready(self) -> None:
        from apps.archive import events

        events.stored.connect(_count_stored, dispatch_uid="apps.ops.metrics")


def _count_stored(*, statuses: list[Any], size: int, origin: Any, **_: Any) -> None:
    for status in statuses:
        metrics.instance_received(origin.way, status.value)
    metrics.bytes_stored(origin.way, size)
