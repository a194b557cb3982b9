"""Notifications in the REST API: what one was told, and how one wants to be told. Each user's own, nobody else's."""

from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards, Open
from apps.accounts.rest import principal
from apps.core.filters import filters
from apps.core.languages import translated
from apps.core.paging import CursorPaging
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.jobs.api import JobSerializer
from apps.jobs.models import Job
from apps.notifications import personal, reading
from apps.notifications.kinds import Channel, Kind
from apps.notifications.models import NAME_LENGTH, Contact, Habits, Notification
from apps.notifications.reading import Shown
from apps.notifications.services import LONGEST
from apps.saying import say

SOURCE: Final = "API"
OWN: Final = Open.TO_USERS


class NotificationSerializer(CamelCaseSerializer):
    """Something that the caller was told, in the language that is asked for. `count`: how often, unseen.

    `facts` tell of a study whom it shows, where the caller may see it; `page` is its address below the site's own.
    """

    id = serializers.IntegerField(source="row.pk")
    kind = serializers.ChoiceField(Kind.choices, source="row.kind")
    practice = serializers.IntegerField(source="row.practice_id", allow_null=True)
    title = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    facts = serializers.ListField(child=serializers.CharField())
    page = serializers.CharField()
    count = serializers.IntegerField(source="row.count")
    subject = serializers.IntegerField(source="row.subject", allow_null=True)
    occurred_at = serializers.DateTimeField(source="row.occurred_at")
    seen_at = serializers.DateTimeField(source="row.seen_at", allow_null=True)

    def get_title(self, shown: Shown) -> str:
        return translated(shown.title)

    def get_reason(self, shown: Shown) -> str:
        return translated(shown.reason)


class NotificationFilters(CamelCaseSerializer):
    kind = serializers.ChoiceField(Kind.choices, required=False)
    seen = serializers.BooleanField(required=False, allow_null=True, default=None)


class MarkedSeenSerializer(CamelCaseSerializer):
    """Which count as seen now: these, or all that occurred until then; all of them where nothing is said."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=reading.MOST_MARKED
    )
    until = serializers.DateTimeField(required=False)


class UnseenSerializer(CamelCaseSerializer):
    """How many wait to be seen; 100 stands for more, too."""

    unseen = serializers.IntegerField()


class NotificationsView(ListAPIView[Notification]):
    guards: Guards = {"GET": OWN}
    serializer_class = NotificationSerializer
    pagination_class = CursorPaging

    def get_queryset(self) -> QuerySet[Notification]:
        asked = filters(self.request, NotificationFilters)
        seen = asked.pop("seen", None)
        rows = reading.own(principal(self.request)).filter(**asked)
        return rows if seen is None else rows.filter(seen_at__isnull=not seen)

    def paginate_queryset(self, queryset: Any) -> Any:
        return reading.shown(super().paginate_queryset(queryset) or [], principal(self.request))

    @extend_schema(summary="What one was told, the newest first", parameters=[NotificationFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)


class SeenView(APIView):
    guards: Guards = {"GET": OWN, "POST": OWN}

    @extend_schema(summary="How many notifications wait to be seen", responses=UnseenSerializer)
    def get(self, request: Request) -> Response:
        return _unseen(request)

    @extend_schema(summary="Have notifications count as seen", request=MarkedSeenSerializer, responses=UnseenSerializer)
    def post(self, request: Request) -> Response:
        asked = MarkedSeenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        reading.mark_seen(principal(request), given.get("ids"), given.get("until"))
        return _unseen(request)


class WantedSerializer(CamelCaseSerializer):
    """Whether one is told of a kind by each channel; a channel that is left out stays as it is."""

    app = serializers.BooleanField(required=False)
    email = serializers.BooleanField(required=False)
    chat = serializers.BooleanField(required=False)


class PreferencesSerializer(CamelCaseModelSerializer):
    """What one is told of (`kinds`, by their names), and when messages go out by e-mail, SMS and chat."""

    kinds = serializers.DictField(child=WantedSerializer(), required=False)

    class Meta:
        model = Habits
        fields = ("kinds", "time_zone", "quiet_from", "quiet_until", "digest", "digest_at")

    def validate_kinds(self, given: dict[str, Any]) -> dict[str, Any]:
        if set(given) - set(Kind.values):
            raise serializers.ValidationError(_KINDS)
        return given


_KINDS: Final = say("These are the kinds: {names}.", names=", ".join(Kind.values))


class PreferencesView(APIView):
    guards: Guards = {"GET": OWN, "PATCH": OWN}

    @extend_schema(summary="How one wants to be told", responses=PreferencesSerializer)
    def get(self, request: Request) -> Response:
        return Response(_preferences(request))

    @extend_schema(
        summary="Say how one wants to be told", request=PreferencesSerializer, responses=PreferencesSerializer
    )
    def patch(self, request: Request) -> Response:
        user_id = principal(request).user_id
        asked = PreferencesSerializer(personal.habits(user_id), data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        kinds = given.pop("kinds", {})
        row = personal.habits(user_id)
        for name, value in given.items():
            setattr(row, name, value)
        personal.keep_habits(row)
        wanted = {(Kind(kind), Channel(name)): value for kind, each in kinds.items() for name, value in each.items()}
        personal.choose(user_id, wanted)
        return Response(_preferences(request))


class ContactSerializer(CamelCaseModelSerializer):
    """Where the caller's SMS and chat messages go. Its address is never shown."""

    class Meta:
        model = Contact
        fields = ("id", "name", "service", "sent_at", "error")
        read_only_fields = fields


class NewContactSerializer(CamelCaseSerializer):
    """A name for it, and its address as Apprise has it, such as `tgram://TOKEN/CHAT`."""

    name = serializers.CharField(max_length=NAME_LENGTH)
    url = serializers.CharField(max_length=LONGEST)


class ContactsView(ListAPIView[Contact]):
    guards: Guards = {"GET": OWN, "POST": OWN}
    serializer_class = ContactSerializer

    def get_queryset(self) -> QuerySet[Contact]:
        return Contact.objects.visible_to(principal(self.request)).order_by("name", "pk")

    @extend_schema(summary="Where one's SMS and chat messages go")
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Have SMS or chat messages sent somewhere", request=NewContactSerializer,
        responses={201: ContactSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = NewContactSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = personal.add_contact(principal(request), **asked.validated_data, source=SOURCE)
        return Response(ContactSerializer(made).data, status=status.HTTP_201_CREATED)


class ContactView(APIView):
    guards: Guards = {"DELETE": OWN}

    @extend_schema(summary="Have nothing more sent there", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        personal.remove_contact(principal(request), pk, source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ContactTestView(APIView):
    guards: Guards = {"POST": OWN}

    @extend_schema(
        summary="Have a few words sent to a contact", request=None, responses={202: JobSerializer},
        description="By a job, whose end tells whether the service took it.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        job = Job.objects.get(pk=personal.test_contact(principal(request), pk))
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


def _unseen(request: Request) -> Response:
    return Response({"unseen": reading.unseen(principal(request).user_id)})


def _preferences(request: Request) -> dict[str, Any]:
    user_id = principal(request).user_id
    kinds: dict[str, dict[str, bool]] = {kind.value: {} for kind in Kind}
    for (kind, channel), is_wanted in personal.choices(user_id).items():
        kinds[kind.value][channel.value] = is_wanted
    row = personal.habits(user_id)
    row.kinds = kinds  # type: ignore[attr-defined]
    return dict(PreferencesSerializer(row).data)
