"""How much room practices have, in the REST API."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.archive import quotas
from apps.core.errors import NotFound, Refused
from apps.core.serializers import CamelCaseSerializer
from apps.saying import say
from apps.uploads.resumable.receiving import promised_to


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes: what a practice keeps, has promised to unfinished uploads, and may keep."""

    practice: int
    name: str
    used_bytes: int
    promised_bytes: int
    quota_bytes: int | None
    percent: int | None
    counted_at: datetime


class RoomSerializer(CamelCaseSerializer):
    """How much a practice keeps; `quotaBytes` is null where nothing bounds it, `promisedBytes` are of uploads."""

    practice = serializers.IntegerField()
    name = serializers.CharField()
    used_bytes = serializers.IntegerField()
    promised_bytes = serializers.IntegerField(help_text="Of unfinished uploads.")
    quota_bytes = serializers.IntegerField(allow_null=True)
    percent = serializers.IntegerField(allow_null=True)
    counted_at = serializers.DateTimeField()


class QuotaSerializer(CamelCaseSerializer):
    quota_bytes = serializers.IntegerField(
        min_value=0, max_value=2**63 - 1, allow_null=True, help_text="null: as FOVEA_QUOTA_GB says; 0: no limit."
    )


class StorageView(APIView):
    guards: Guards = {"GET": Permission.UPLOAD}

    @extend_schema(summary="How much each practice keeps, and may keep", responses=RoomSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(RoomSerializer([_room(each) for each in _practices(principal(request))], many=True).data)


class QuotaView(APIView):
    guards: Guards = {"PATCH": Permission.ADMINISTER}

    @extend_schema(
        summary="Say how much a practice may keep", request=QuotaSerializer, responses=RoomSerializer,
        description="For administrators of the whole site.",
    )  # fmt: skip
    def patch(self, request: Request, practice: int) -> Response:
        who = principal(request)
        found = Practice.objects.filter(pk=practice).first()
        if found is None or not who.may_in(Permission.ADMINISTER, practice):
            raise NotFound(say("There is no such practice among yours."))
        if who.whole(Permission.ADMINISTER) is not None:
            raise Refused(say("How much a practice may keep is for administrators of the whole site to say."))
        asked = QuotaSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said: dict[str, Any] = asked.validated_data
        quotas.decide(who, found, said["quota_bytes"])
        return Response(RoomSerializer(_room(found)).data)


def _practices(who: Principal) -> list[Practice]:
    whole = who.whole(Permission.UPLOAD)
    return list(Practice.objects.all() if whole is None else Practice.objects.filter(pk__in=whole))


def _room(practice: Practice) -> Room:
    measured = quotas.measure(practice.pk)
    return Room(
        practice.pk,
        practice.name,
        measured.used,
        promised_to(practice.pk),
        measured.quota,
        measured.percent,
        measured.counted_at,
    )
