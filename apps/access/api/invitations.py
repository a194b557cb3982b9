"""Family access in the REST API, for the practice's staff."""

from collections.abc import Callable

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.access import invitations, secret
from apps.access.api import fields
from apps.access.links import address
from apps.access.models import Invitation, InvitationStep
from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.archive.models import UID_LENGTH, Study
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer


class StepSerializer(CamelCaseModelSerializer):
    """What became of the invitation: `by` is nobody where time did it."""

    by = serializers.CharField(source="by.username", default=None, allow_null=True)

    class Meta:
        model = InvitationStep
        fields = ("state", "at", "by", "note")


class InvitationSerializer(CamelCaseModelSerializer):
    """A patient or relative who is to see studies of one patient. `verified` ones wait for review."""

    state = serializers.ChoiceField(Invitation.State.choices, source="state_now")
    practice = serializers.IntegerField(source="practice_id")
    username = serializers.CharField(source="user.username", default=None, allow_null=True)
    invited_by = serializers.CharField(source="invited_by.username", default=None, allow_null=True)
    studies = fields.StudyLineSerializer(many=True)
    steps = StepSerializer(many=True)

    class Meta:
        model = Invitation
        fields: tuple[str, ...] = (
            "id",
            "practice",
            "name",
            "contact",
            "relation",
            "state",
            "until",
            "answer_by",
            "username",
            "invited_by",
            "invited_at",
            "studies",
            "steps",
        )


class IssuedInvitationSerializer(InvitationSerializer):
    """An invitation as it is made, with its link for this one time."""

    link = serializers.CharField()

    class Meta(InvitationSerializer.Meta):
        fields = (*InvitationSerializer.Meta.fields, "link")


class NewInvitationSerializer(CamelCaseSerializer):
    """Who is invited to which studies of one patient in the active practice. `contact`: e-mail or telephone."""

    studies = serializers.ListField(
        child=serializers.CharField(max_length=UID_LENGTH), min_length=1, max_length=invitations.MOST_STUDIES
    )
    name = serializers.CharField(max_length=120)
    contact = serializers.CharField(max_length=250)
    relation = serializers.ChoiceField(Invitation.Relation.choices)
    until = serializers.DateTimeField()


class CodeSerializer(CamelCaseSerializer):
    """The code, for this one time: tell it by another way than the link."""

    code = serializers.CharField()
    until = serializers.DateTimeField()


class InvitationFilters(CamelCaseSerializer):
    state = serializers.ChoiceField(Invitation.State.choices, required=False)


class InvitationsView(ListAPIView[Invitation]):
    guards: Guards = {"GET": Permission.SHARE, "POST": Permission.SHARE}
    serializer_class = InvitationSerializer

    def get_queryset(self) -> QuerySet[Invitation]:
        return visible(self.request).filter(**filters(self.request, InvitationFilters))

    @extend_schema(
        summary="Invitations to family access, the newest first", parameters=[InvitationFilters],
        description="Those to studies that the caller may share. `?state=verified` are those that wait for review.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Invite a patient or relative to look at studies", request=NewInvitationSerializer,
        responses={201: IssuedInvitationSerializer},
        description="Nothing is seen yet. The answer holds the link, which is never shown again; it opens a sign-up and"
        " nothing else. Then give a code by another way, and accept once it was entered.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = NewInvitationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        person = invitations.Invited(given["name"], given["contact"], Invitation.Relation(given["relation"]))
        made, link = invitations.invite(principal(request), given["studies"], person, given["until"])
        answer = {**InvitationSerializer(made).data, "link": address(request, link)}
        return Response(answer, status=status.HTTP_201_CREATED)


@extend_schema(summary="One invitation, with what became of it")
class InvitationView(RetrieveAPIView[Invitation]):
    guards: Guards = {"GET": Permission.SHARE}
    serializer_class = InvitationSerializer

    def get_queryset(self) -> QuerySet[Invitation]:
        return visible(self.request)


class InvitationCodeView(APIView):
    guards: Guards = {"POST": Permission.SHARE}

    @extend_schema(
        summary="Make the code that shows who opened the link", request=None, responses={201: CodeSerializer},
        description="The one before is worth nothing then. Good for a day and five tries.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        invitation, code = invitations.new_code(principal(request), pk)
        answer = {"code": secret.spoken(code), "until": invitation.code_until}
        return Response(CodeSerializer(answer).data, status=status.HTTP_201_CREATED)


class AcceptInvitationView(APIView):
    guards: Guards = {"POST": Permission.SHARE}

    @extend_schema(
        summary="Let the person, whose code was right, look at the studies", request=fields.NoteSerializer,
        responses=InvitationSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        fields.check_known(Invitation.objects.visible_to(principal(request)), pk)
        accepted = invitations.accept(principal(request), pk, note=fields.note(request))
        return Response(InvitationSerializer(accepted).data)


class _Ending(APIView):
    """A decision that takes a reason."""

    guards: Guards = {"POST": Permission.SHARE}
    decide: Callable[..., Invitation]

    def post(self, request: Request, pk: int) -> Response:
        fields.check_known(Invitation.objects.visible_to(principal(request)), pk)
        ended = type(self).decide(principal(request), pk, reason=fields.reason(request))
        return Response(InvitationSerializer(ended).data)


@extend_schema(
    summary="Refuse an invitation that waits for review", request=fields.ReasonSerializer,
    responses=InvitationSerializer,
)  # fmt: skip
class RefuseInvitationView(_Ending):
    decide = staticmethod(invitations.refuse)


@extend_schema(
    summary="Revoke an invitation and whatever it gave", request=fields.ReasonSerializer,
    responses=InvitationSerializer,
)  # fmt: skip
class RevokeInvitationView(_Ending):
    decide = staticmethod(invitations.revoke)


def visible(request: Request) -> QuerySet[Invitation]:
    rows = Invitation.objects.visible_to(principal(request)).select_related("user", "invited_by")
    return rows.prefetch_related(Prefetch("studies", Study.objects.defer("found")), "steps__by")
