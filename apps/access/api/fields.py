"""What several of the API's bodies have in common."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from apps.access.models import SHORTEST_REASON
from apps.archive.models import TEXT_LENGTH, Study
from apps.core.errors import NotFound
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.saying import say


class ReasonSerializer(CamelCaseSerializer):
    """Why. It goes on record: no names of patients in it."""

    reason = serializers.CharField(min_length=SHORTEST_REASON, max_length=TEXT_LENGTH)


class NoteSerializer(CamelCaseSerializer):
    """A remark that is kept, if there is any."""

    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=TEXT_LENGTH)


class StudyLineSerializer(CamelCaseModelSerializer):
    """A study, in a line."""

    class Meta:
        model = Study
        fields = ("study_instance_uid", "study_date", "study_description", "patient_name")


def check_known(rows: QuerySet[Any], pk: int) -> None:
    """Before a body is read: nobody learns by a complaint about it that there is such a row. Raises NotFound."""
    if not rows.filter(pk=pk).exists():
        raise NotFound(say("There is nothing of this number."))


def reason(request: Request) -> str:
    asked = ReasonSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return str(asked.validated_data["reason"])


def note(request: Request) -> str:
    asked = NoteSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return str(asked.validated_data["note"])
