"""The record in the REST API, for those who may read it."""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.audit import access, export, searching
from apps.audit.codes import code_of
from apps.audit.models import NAME_LENGTH, TEXT_LENGTH, UID_LENGTH, Event
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer


class EventSerializer(CamelCaseModelSerializer):
    """An event. `patient` is a pseudonym; `outcome` 0, 4, 8 or 12 and `eventId` a code, as in DICOM PS3.15 A.5."""

    event_id = serializers.SerializerMethodField()
    practice = serializers.IntegerField(source="practice_id", allow_null=True)

    class Meta:
        model = Event
        fields = ("id", *export.COLUMNS)
        read_only_fields = fields

    def get_event_id(self, event: Event) -> str:
        return code_of(event.action).event.value


class EventFilters(CamelCaseSerializer):
    """`patient` is a Patient ID or a pseudonym, `actor` who did it or on whose behalf; days are the site's."""

    actor = serializers.CharField(required=False, max_length=NAME_LENGTH)
    patient = serializers.CharField(required=False, max_length=TEXT_LENGTH)
    study_instance_uid = serializers.CharField(required=False, max_length=UID_LENGTH)
    action = serializers.ChoiceField(Event.Action.choices, required=False)
    outcome = serializers.ChoiceField(Event.Outcome.choices, required=False)
    practice = serializers.IntegerField(required=False, min_value=1, max_value=2**31)
    day_from = serializers.DateField(required=False)
    day_to = serializers.DateField(required=False)


class EventsView(ListAPIView[Event]):
    guards: Guards = {"GET": Permission.AUDIT}
    serializer_class = EventSerializer

    @extend_schema(summary="The record, newest first", parameters=[EventFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)

    def get_queryset(self) -> QuerySet[Event]:
        given = filters(self.request, EventFilters)
        access.note_use(principal(self.request), "api", " ".join(sorted(given)))
        events = Event.objects.visible_to(principal(self.request)).order_by("-id")
        return export.period(events.filter(condition(given)), given.get("day_from"), given.get("day_to"))


def condition(given: dict[str, Any]) -> Q:
    """What the filters ask for, but for the days."""
    found = Q()
    if "actor" in given:
        found &= searching.about_user(given["actor"])
    if "patient" in given:
        found &= searching.about_patient(given["patient"])
    for name in ("study_instance_uid", "action", "outcome"):
        if name in given:
            found &= Q(**{name: given[name]})
    return found & Q(practice_id=given["practice"]) if "practice" in given else found
