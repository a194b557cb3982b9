"""Leads in the REST API: found, kept in step with the practice's software, deleted, restored and erased."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.errors import Invalid, NotFound
from apps.core.filters import asked, filters
from apps.core.languages import translated
from apps.core.paging import CursorPaging
from apps.core.serializers import camel
from apps.practice.leads import finding, people, reading
from apps.practice.leads.bulk import Change, Taken
from apps.practice.leads.erasing import ERASING, erase
from apps.practice.leads.facts import FIELDS
from apps.practice.leads.serializers import (
    LARGEST,
    BulkSerializer,
    LeadFactsSerializer,
    LeadFilters,
    LeadPracticeSerializer,
    LeadSerializer,
    LeadsSerializer,
)
from apps.practice.models import Lead
from apps.practice.models.leads import KEEPING
from apps.saying import say

SOURCE: Final = "API"
# What an answer has besides, so that one can be changed and sent back: it is left out.
READ_ONLY: Final = frozenset(map(camel, (*LeadSerializer.Meta.read_only_fields, "dicom_patient_id")))
EMPTY: Final[Mapping[str, object]] = dict.fromkeys(FIELDS)


class LeadsView(ListAPIView[Lead]):
    guards: Guards = {"GET": Permission.VIEW, "POST": KEEPING}
    serializer_class = LeadSerializer
    pagination_class = CursorPaging
    orderings: Final = {
        "id": "pk", "familyName": "name_key", "birthDate": "birth_date", "createdAt": "created_at",
        "changedAt": "changed_at",
    }  # fmt: skip

    def get_queryset(self) -> QuerySet[Lead]:
        leads = Lead.objects.visible_to(principal(self.request))
        return finding.matching(leads, filters(self.request, LeadFilters)).order_by("pk")

    @extend_schema(summary="Leads, by filters", parameters=[LeadFilters])
    def get(self, request: Request) -> Response:
        answer = self.list(request)
        access.note_search(principal(request), "leads", asked(request, LeadFilters), len(answer.data["results"]))
        return answer

    @extend_schema(
        summary="Add a lead; with an `externalId` that is known, change that one",
        request=LeadFactsSerializer, responses={200: LeadSerializer, 201: LeadSerializer},
        description="What is not said of a known lead stays as it is. A deleted one is restored.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        practice_id, facts = said(request)
        if not facts.get("external_id"):
            lead = people.create(principal(request), practice_id, facts, source=SOURCE)
            return Response(LeadSerializer(lead).data, status=status.HTTP_201_CREATED)
        return answered(people.upsert(principal(request), practice_id, facts, source=SOURCE))


class LeadView(RetrieveAPIView[Lead]):
    guards: Guards = {"GET": Permission.VIEW, "PATCH": KEEPING, "PUT": KEEPING, "DELETE": KEEPING}
    serializer_class = LeadSerializer

    def get_queryset(self) -> QuerySet[Lead]:
        needed = Permission.VIEW if self.request.method in ("GET", "HEAD") else KEEPING
        return Lead.objects.visible_to(principal(self.request), needed)

    @extend_schema(summary="One lead, also a deleted one")
    def get(self, request: Request, pk: int) -> Response:
        answer = self.retrieve(request, pk=pk)
        access.note_search(principal(request), "a lead", ["lead"], 1)
        return answer

    @extend_schema(summary="Change a lead: what is not said stays", request=LeadFactsSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        return self._changed(self.get_object(), json_facts(request.data))

    @extend_schema(summary="Say all of a lead: what is not said becomes empty", request=LeadFactsSerializer)
    def put(self, request: Request, pk: int) -> Response:
        return self._changed(self.get_object(), {**EMPTY, **json_facts(request.data)})

    @extend_schema(summary="Delete a lead; it can be restored", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        people.remove(principal(request), self.get_object(), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _changed(self, lead: Lead, facts: Mapping[str, object]) -> Response:
        named = facts.get("practice", lead.practice_id)
        if named != lead.practice_id:
            raise Invalid(say("A lead stays in its practice."), [("practice", say("Add another lead there."))])
        kept = {name: value for name, value in facts.items() if name != "practice"}
        return Response(LeadSerializer(people.change(principal(self.request), lead, kept, source=SOURCE)).data)


class LeadByExternalIdView(GenericAPIView[Lead]):
    guards: Guards = {"GET": Permission.VIEW, "PUT": KEEPING}
    serializer_class = LeadSerializer
    pagination_class = None

    @extend_schema(summary="The lead of an `externalId`", parameters=[LeadPracticeSerializer])
    def get(self, request: Request, external_id: str) -> Response:
        practice_id = practice_of(request, filters(request, LeadPracticeSerializer).get("practice"))
        facts, errors = reading.attempt({"external_id": external_id})
        if errors or not facts["external_id"]:
            raise NotFound(say("There is no such lead."))
        mine = Lead.objects.visible_to(principal(request)).filter(practice=practice_id)
        lead = get_object_or_404(mine, external_id=facts["external_id"])
        access.note_search(principal(request), "a lead", ["externalId"], 1)
        return Response(LeadSerializer(lead).data)

    @extend_schema(
        summary="Say all of the lead of an `externalId`, or add it: what is not said becomes empty",
        request=LeadFactsSerializer, responses={200: LeadSerializer, 201: LeadSerializer},
    )  # fmt: skip
    def put(self, request: Request, external_id: str) -> Response:
        practice_id, facts = said(request)
        facts = {**EMPTY, **facts, "external_id": external_id}
        return answered(people.upsert(principal(request), practice_id, facts, source=SOURCE))


class LeadsBulkView(GenericAPIView[Lead]):
    guards: Guards = {"POST": KEEPING}
    serializer_class = BulkSerializer
    pagination_class = None

    @extend_schema(
        summary="Add or change many leads, each by its `externalId` or else its `patientId`", request=LeadsSerializer,
        description="Each row stands or falls by itself; they are taken 500 at a time. Sending the same again changes"
        " nothing.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        body = an_object(request.data)
        rows, preview = body.get("leads"), body.get("preview", False)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Invalid(say("Send a list of leads."), [("leads", say("Write a list of objects."))])
        if not isinstance(preview, bool):
            raise Invalid(say("Say whether it is a preview."), [("preview", say("Write true or false."))])
        practice_id = practice_of(request, body.get("practice"))
        facts = [json_facts(row) for row in rows]
        taken = people.upsert_many(principal(request), practice_id, facts, source=SOURCE, is_preview=preview)
        return Response(counted(taken))


class RestoreLeadView(GenericAPIView[Lead]):
    guards: Guards = {"POST": KEEPING}
    serializer_class = LeadSerializer

    def get_queryset(self) -> QuerySet[Lead]:
        return Lead.objects.visible_to(principal(self.request), KEEPING)

    @extend_schema(summary="Bring a deleted lead back", request=None)
    def post(self, request: Request, pk: int) -> Response:
        lead = people.restore(principal(request), self.get_object(), source=SOURCE)
        return Response(LeadSerializer(lead).data)


class EraseLeadView(GenericAPIView[Lead]):
    guards: Guards = {"POST": ERASING}
    serializer_class = LeadSerializer

    def get_queryset(self) -> QuerySet[Lead]:
        return Lead.objects.visible_to(principal(self.request), ERASING)

    @extend_schema(
        summary="Remove all that is known of a lead, for good", request=None,
        description="For who may delete studies. An empty row stays for what refers to it; the images stay too.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return Response(LeadSerializer(erase(principal(request), self.get_object(), source=SOURCE)).data)


def said(request: Request) -> tuple[int, dict[str, object]]:
    """The practice that a request is about, and what it says of a lead. Raises Invalid."""
    facts = json_facts(request.data)
    return practice_of(request, facts.pop("practice", None)), facts


def json_facts(body: object) -> dict[str, object]:
    """What a JSON object says of a lead, by the names inside, and its `practice` where it has one. Raises Invalid."""
    given = an_object(body)
    return reading.outside({name: value for name, value in given.items() if name not in READ_ONLY})


def an_object(body: object) -> dict[str, object]:
    """Raises Invalid for a body that is no JSON object."""
    if not isinstance(body, dict):
        raise Invalid(say("Send a JSON object."))
    return body


def practice_of(request: Request, named: object) -> int:
    """The practice of this number, else the active one. Raises Invalid for what is no number, or nothing."""
    number = principal(request).practice_id if named is None else named
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number <= LARGEST:
        raise Invalid(say("Say the practice."), [("practice", say("Write the number of one of your practices."))])
    return number


def answered(taken: Taken) -> Response:
    """The lead that was taken: 201 for a new one."""
    code = status.HTTP_201_CREATED if taken.change is Change.CREATED else status.HTTP_200_OK
    return Response(LeadSerializer(taken.lead).data, status=code)


def counted(taken: Sequence[Taken]) -> dict[str, Any]:
    """What became of many rows, as BulkSerializer describes it."""
    counts = {change.value: sum(each.change is change for each in taken) for change in Change}
    return {**counts, "results": [_row(index, each) for index, each in enumerate(taken)]}


def _row(index: int, taken: Taken) -> dict[str, Any]:
    return {
        "index": index,
        "outcome": taken.change.value,
        "id": taken.lead.pk if taken.lead else None,
        "externalId": taken.lead.external_id if taken.lead else "",
        "changedFields": list(map(camel, taken.fields)),
        "errors": [{"field": field, "detail": translated(detail)} for field, detail in taken.errors],
    }
