"""What the REST API takes to correct data. What is left out stays; the services check the values."""

from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

from apps.archive.corrections.fields import MOST_VALUES
from apps.archive.corrections.models import REASON_LENGTH
from apps.core.serializers import CamelCaseSerializer


def _text(label: str) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=1024, help_text=label)


class Edit(CamelCaseSerializer):
    """Values as they are typed."""

    reason = serializers.CharField(max_length=REASON_LENGTH, help_text="Why; kept with the correction.")

    def typed(self) -> dict[str, Any]:
        """What was sent, but for the reason. Raises ValidationError for what there is no such field for."""
        self.is_valid(raise_exception=True)
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({name: [gettext("There is no such field.")] for name in unknown})
        return {name: value or "" for name, value in self.validated_data.items() if name != "reason"}


class PatientEdit(Edit):
    patient_name = _text("As DICOM writes it: Doe^Jane, or Yamada^Tarou=山田^太郎=やまだ^たろう.")
    patient_id = _text("Unique in the practice, with its issuer.")
    patient_id_issuer = _text("Who gave the Patient ID.")
    patient_birth_date = _text("ISO date; null for unknown.")
    patient_sex = _text("M, F or O; empty for unknown.")
    other_patient_ids = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False, max_length=MOST_VALUES
    )


class StudyEdit(Edit):
    study_description = _text("Up to 64 characters.")
    accession_number = _text("Up to 16 characters.")
    study_date = _text("ISO date.")
    study_time = _text("ISO time.")
    referring_physician_name = _text("As DICOM writes it: Doe^Jane.")
    study_id = _text("Up to 16 characters.")


class Merge(CamelCaseSerializer):
    into = serializers.IntegerField(min_value=1, help_text="The patient whose the studies become.")
    reason = serializers.CharField(max_length=REASON_LENGTH)


class NewPatient(CamelCaseSerializer):
    patient_name = serializers.CharField(max_length=1024)
    patient_id = serializers.CharField(max_length=64)
    patient_id_issuer = serializers.CharField(required=False, allow_blank=True, max_length=64)
    patient_birth_date = serializers.CharField(required=False, allow_blank=True, max_length=10)
    patient_sex = serializers.CharField(required=False, allow_blank=True, max_length=1)


class Move(CamelCaseSerializer):
    """Either `patient` or `newPatient`."""

    patient = serializers.IntegerField(required=False, min_value=1)
    new_patient = NewPatient(required=False)
    reason = serializers.CharField(max_length=REASON_LENGTH)
