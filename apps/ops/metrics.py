"""What /metrics shows (Prometheus): what the processes of this node counted, and what the database and storage hold."""

import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from threading import Lock
from time import monotonic
from typing import Final

from django.conf import settings
from django.db import Error
from django.db.models import Sum
from django.utils import timezone
from prometheus_client import REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from apps.archive.models import Quarantined, Study
from apps.core import metrics
from apps.core.errors import FoveaError
from apps.jobs import status
from apps.remotes.models import Remote
from apps.routing import outbox

# Seconds for which the sums over the archive hold: they read every study's row.
TOTALS_HOLD: Final = 30.0

logger = logging.getLogger(__name__)


def exposition() -> bytes:
    """All metrics of this node, in Prometheus' text format."""
    registry = REGISTRY
    if metrics.DIRECTORY_VARIABLE in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return generate_latest(registry) + generate_latest(_site)


class SiteCollector(Collector):
    """Gauges that are read when they are asked for. A source that is away leaves its gauges out, and says so."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._totals: tuple[float, dict[str, int]] = (-TOTALS_HOLD, {})

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("fovea_source_up", "Whether a source of metrics could be read.", labels=["source"])
        for source in (self._archive, self._jobs, self._routing, self._disk):
            try:
                yield from source()
            except (Error, RedisError, FoveaError, OSError) as error:
                logger.warning("no metrics of the %s", source.__name__.strip("_"), exc_info=error)
                up.add_metric([source.__name__.strip("_")], 0)
            else:
                up.add_metric([source.__name__.strip("_")], 1)
        yield up

    def _archive(self) -> Iterator[Metric]:
        for name, value in self._archive_totals().items():
            yield GaugeMetricFamily(f"fovea_{name}", f"{name.replace('_', ' ').capitalize()} in the archive.", value)

    def _archive_totals(self) -> dict[str, int]:
        with self._lock:
            if monotonic() - self._totals[0] >= TOTALS_HOLD:
                self._totals = (monotonic(), archive_totals())
            return self._totals[1]

    def _jobs(self) -> Iterator[Metric]:
        counts = status.counts()
        jobs = GaugeMetricFamily("fovea_jobs", "Jobs by state.", labels=["state"])
        for state, count in counts.items():
            jobs.add_metric([state], count)
        yield jobs
        yield GaugeMetricFamily("fovea_queue_length", "Jobs that wait.", counts["queued"])
        seconds = status.oldest_due().total_seconds()
        yield GaugeMetricFamily("fovea_queue_oldest_seconds", "How long the oldest due job has waited.", seconds)
        yield GaugeMetricFamily("fovea_workers", "Workers that gave a sign of life.", status.workers_seen())

    def _routing(self) -> Iterator[Metric]:
        studies = GaugeMetricFamily(
            "fovea_routing_studies", "Studies that wait, are being sent or have failed.", labels=["remote", "state"]
        )
        oldest = GaugeMetricFamily(
            "fovea_routing_oldest_seconds", "How long the oldest study to be sent has waited.", labels=["remote"]
        )
        counts = outbox.counts()
        remotes = Remote.objects.in_bulk([each.remote_id for each in counts])
        now = timezone.now()
        for each in counts:
            if each.remote_id not in remotes:
                continue
            name = remotes[each.remote_id].name
            for state in ("waiting", "sending", "failed"):
                studies.add_metric([name, state], getattr(each, state))
            oldest.add_metric([name], (now - each.oldest).total_seconds() if each.oldest else 0.0)
        yield from (studies, oldest)

    def _disk(self) -> Iterator[Metric]:
        usage = shutil.disk_usage(settings.DATA)
        yield GaugeMetricFamily("fovea_disk_free_bytes", "Free on the disk of the data folder.", usage.free)
        yield GaugeMetricFamily("fovea_disk_size_bytes", "Size of the disk of the data folder.", usage.total)


def archive_totals() -> dict[str, int]:
    """How much the archive holds, by the gauge's name; one query over the studies."""
    sums = Study.objects.aggregate(instances=Sum("instance_count"), stored_bytes=Sum("size"))
    return {
        "studies": Study.objects.count(),
        "quarantined_objects": Quarantined.objects.count(),
        **{name: value or 0 for name, value in sums.items()},
    }


_site = CollectorRegistry()
_site.register(SiteCollector())
