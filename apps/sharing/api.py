"""Share links by REST: those of a study, all that the caller may decide on, and an end to one."""

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.archive.models import UID_LENGTH
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.sharing import links
from apps.sharing.links import DAYS, LONGEST_PASSWORD, MOST_DAYS, MOST_OPENINGS, SHORTEST_PASSWORD, Terms
from apps.sharing.models import TEXT_LENGTH, Share, State
from apps.sharing.mount import link_url

SOURCE = "API"
STATES = State.values


class ShareSerializer(CamelCaseModelSerializer):
    """A share link: what it opens and how often it did, never the link itself."""

    study_instance_uid = serializers.CharField(source="study.study_instance_uid", read_only=True)
    series_instance_uid = serializers.CharField(
        source="series.series_instance_uid", read_only=True, allow_null=True, default=None
    )
    has_password = serializers.SerializerMethodField()
    made_by = serializers.CharField(source="made_by.username", read_only=True, allow_null=True, default=None)
    state = serializers.SerializerMethodField()

    class Meta:
        model = Share
        fields: tuple[str, ...] = (
            "id",
            "study_instance_uid",
            "series_instance_uid",
            "recipient",
            "purpose",
            "may_download",
            "has_password",
            "made_by",
            "made_at",
            "expires_at",
            "most_openings",
            "openings",
            "opened_at",
            "revoked_at",
            "state",
        )
        read_only_fields = fields

    def get_has_password(self, share: Share) -> bool:
        return bool(share.password)

    @extend_schema_field(serializers.ChoiceField(STATES))
    def get_state(self, share: Share) -> str:
        return share.state.value


class NewShareSerializer(ShareSerializer):
    """A share link as it is made, with its address for this one time."""

    url = serializers.URLField(read_only=True)

    class Meta(ShareSerializer.Meta):
        fields = (*ShareSerializer.Meta.fields, "url")


class TermsSerializer(CamelCaseSerializer):
    """What the link is for. Recipient and purpose are on record."""

    recipient = serializers.CharField(max_length=TEXT_LENGTH)
    purpose = serializers.CharField(max_length=TEXT_LENGTH)
    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, default=DAYS)
    password = serializers.CharField(
        min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD, required=False, trim_whitespace=False
    )
    may_download = serializers.BooleanField(default=False)
    most_openings = serializers.IntegerField(min_value=1, max_value=MOST_OPENINGS, required=False, allow_null=True)
    series_instance_uid = serializers.CharField(max_length=UID_LENGTH, required=False)


class ShareFilters(CamelCaseSerializer):
    study_instance_uid = serializers.CharField(
        required=False, max_length=UID_LENGTH, source="study__study_instance_uid"
    )
    made_by = serializers.CharField(required=False, max_length=TEXT_LENGTH, source="made_by__username")


class SharesView(ListAPIView[Share]):
    guards: Guards = {"GET": Permission.SHARE}
    serializer_class = ShareSerializer
    orderings = {"madeAt": "made_at", "expiresAt": "expires_at", "id": "pk"}

    @extend_schema(
        summary="Share links to all studies that the caller may share, newest first", parameters=[ShareFilters]
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    def get_queryset(self) -> QuerySet[Share]:
        return _shares(principal(self.request)).filter(**filters(self.request, ShareFilters))


UID = OpenApiParameter("uid", OpenApiTypes.STR, OpenApiParameter.PATH, description="Study Instance UID")


@extend_schema(parameters=[UID])
class StudySharesView(ListAPIView[Share]):
    guards: Guards = {"GET": Permission.SHARE, "POST": Permission.SHARE}
    serializer_class = ShareSerializer

    @extend_schema(summary="Share links to a study, newest first")
    def get(self, request: Request, uid: str) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Make a share link",
        request=TermsSerializer,
        responses={201: NewShareSerializer},
        description="The answer holds the link itself, which is never shown again.",
    )
    def post(self, request: Request, uid: str) -> Response:
        asked = TermsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = links.make(principal(request), uid, Terms(**asked.validated_data), source=SOURCE)
        shown = {**ShareSerializer(made.share).data, "url": link_url(request._request, made.secret)}  # noqa: SLF001 - what it wraps
        return Response(shown, status=status.HTTP_201_CREATED)

    def get_queryset(self) -> QuerySet[Share]:
        who = principal(self.request)
        return _shares(who).filter(study=links.shareable(who, self.kwargs["uid"]))


class ShareView(APIView):
    guards: Guards = {"DELETE": Permission.SHARE}

    @extend_schema(summary="Revoke a share link", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """It opens nothing any more, within seconds for those who have opened it."""
        links.revoke(principal(request), pk, source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _shares(who: Principal) -> QuerySet[Share]:
    rows = Share.objects.visible_to(who)
    return rows.select_related("study", "series", "made_by").defer("study__found", "series__found")
