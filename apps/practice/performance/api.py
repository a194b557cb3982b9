"""GET /api/dental/xrays/performance."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.core.filters import filters
from apps.core.serializers import CamelCaseSerializer
from apps.practice.performance.reporting import report
from apps.practice.performance.span import LONGEST, span


class DaySerializer(CamelCaseSerializer):
    """What came on a day; `byDoor` and `byModality` count its X-rays."""

    date = serializers.DateField()
    xrays = serializers.IntegerField()
    by_door = serializers.DictField(child=serializers.IntegerField())
    by_modality = serializers.DictField(child=serializers.IntegerField())
    studies = serializers.IntegerField()
    instances = serializers.IntegerField()
    bytes = serializers.IntegerField()


class TimesSerializer(CamelCaseSerializer):
    """How many seconds a step took: half of them at most `p50`, 95 in a hundred at most `p95`."""

    name = serializers.CharField()
    count = serializers.IntegerField()
    p50 = serializers.FloatField()
    p95 = serializers.FloatField()
    longest = serializers.FloatField()


class KindOfJobSerializer(CamelCaseSerializer):
    """The jobs of a kind that ended; `times` are the seconds from the first attempt to the end."""

    kind = serializers.CharField()
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    retries = serializers.IntegerField()
    error_rate = serializers.FloatField(allow_null=True)
    times = TimesSerializer()


class ErrorRatesSerializer(CamelCaseSerializer):
    """Rates from 0 to 1, null where there was nothing. `files` are those of batches."""

    jobs_ended = serializers.IntegerField()
    jobs_failed = serializers.IntegerField()
    job_rate = serializers.FloatField(allow_null=True)
    retries = serializers.IntegerField()
    files = serializers.IntegerField()
    files_refused = serializers.IntegerField()
    file_rate = serializers.FloatField(allow_null=True)
    quarantined = serializers.IntegerField()


class CacheSerializer(CamelCaseSerializer):
    """Reads since the server started, of all practices together, and how many found the thing ready."""

    name = serializers.CharField()
    reads = serializers.IntegerField()
    ready = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)


class KeptSerializer(CamelCaseSerializer):
    """What a practice has in all, and the bytes a day that came in these days."""

    practice = serializers.IntegerField()
    name = serializers.CharField()
    studies = serializers.IntegerField()
    instances = serializers.IntegerField()
    bytes = serializers.IntegerField()
    bytes_per_day = serializers.IntegerField()


class SendingSerializer(CamelCaseSerializer):
    """The outbox now, and the alarms of destinations."""

    waiting = serializers.IntegerField()
    failed = serializers.IntegerField()
    alarms = serializers.IntegerField()


class PerformanceSerializer(CamelCaseSerializer):
    """A report, at most a minute old. `slowest` names the step with the longest p95."""

    from_ = serializers.DateField(source="first")
    to = serializers.DateField(source="last")
    made_at = serializers.DateTimeField()
    days = DaySerializer(many=True)
    matched = TimesSerializer(allow_null=True)
    steps = TimesSerializer(many=True)
    slowest = serializers.CharField()
    jobs = KindOfJobSerializer(many=True)
    error_rates = ErrorRatesSerializer(source="errors")
    caches = CacheSerializer(many=True)
    storage = KeptSerializer(many=True)
    sending = SendingSerializer()


class PerformanceFilters(CamelCaseSerializer):
    from_ = serializers.DateField(required=False, help_text=f"The first day; at most {LONGEST} days.")
    to = serializers.DateField(required=False, help_text="The last day; without it, today.")
    practice = serializers.IntegerField(required=False, help_text="One of those that you administer; else all.")


class PerformanceView(GenericAPIView[Any]):
    guards: Guards = {"GET": Permission.ADMINISTER}
    serializer_class = PerformanceSerializer

    @extend_schema(summary="How the practice's X-rays come in", parameters=[PerformanceFilters])
    def get(self, request: Request) -> Response:
        asked = filters(request, PerformanceFilters)
        about = span(principal(request), asked.get("from_"), asked.get("to"), asked.get("practice"))
        return Response(PerformanceSerializer(asdict(report(about))).data)
