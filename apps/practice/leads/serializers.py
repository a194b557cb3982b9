"""Leads as the REST API writes them, and what its requests may say. `reading` checks what comes, for every way in."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.practice.leads.bulk import MOST_AT_ONCE, Change
from apps.practice.leads.facts import FIELDS
from apps.practice.leads.finding import SEARCH_LENGTH
from apps.practice.leads.reading import LINE_LENGTH, NOTE_LENGTH
from apps.practice.models import Lead, LeadStatus, NameUse
from apps.practice.models.leads import ID_LENGTH, NAME_LENGTH, TITLE_LENGTH
from apps.worklist.models import Sex

LARGEST: Final = 2**63 - 1


def _text(most: int, **options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=most, required=False, allow_blank=True, **options)


class OtherNameSerializer(CamelCaseSerializer):
    """Another name of a person, such as the one before marriage."""

    family = _text(NAME_LENGTH)
    given = _text(NAME_LENGTH)
    use = serializers.ChoiceField(NameUse.choices, required=False)


class AddressSerializer(CamelCaseSerializer):
    line = _text(LINE_LENGTH)
    city = _text(LINE_LENGTH)
    postcode = _text(TITLE_LENGTH)
    region = _text(LINE_LENGTH)
    country = _text(LINE_LENGTH, help_text=_("Preferably as two letters (ISO 3166-1), such as CH."))


class IdentifierSerializer(CamelCaseSerializer):
    """A Patient ID that another system or device has given."""

    value = serializers.CharField(max_length=ID_LENGTH)
    issuer = _text(ID_LENGTH)


class ConsentSerializer(CamelCaseSerializer):
    """What somebody has allowed (`given`) or not, and when."""

    kind = serializers.CharField(max_length=NAME_LENGTH)
    given = serializers.BooleanField()
    at = _text(NAME_LENGTH, help_text=_("A date or moment (ISO 8601)."))
    note = _text(NOTE_LENGTH)


class LeadSerializer(CamelCaseModelSerializer):
    """A lead: a person as the practice knows them.

    `dicomPatientId` is the Patient ID that their pictures and worklist items carry. A deleted lead has a `deletedAt`.
    """

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    sex = serializers.ChoiceField([("", "Not said"), *Sex.choices], required=False)
    status = serializers.ChoiceField(LeadStatus.choices, required=False)
    other_names = OtherNameSerializer(many=True, required=False)
    phones = serializers.ListField(child=serializers.CharField(max_length=32), required=False)
    emails = serializers.ListField(child=serializers.CharField(max_length=254), required=False)
    addresses = AddressSerializer(many=True, required=False)
    identifiers = IdentifierSerializer(many=True, required=False)
    consents = ConsentSerializer(many=True, required=False)
    dicom_patient_id = serializers.CharField(read_only=True)

    class Meta:
        model = Lead
        fields: tuple[str, ...] = (
            "id",
            "practice",
            *FIELDS,
            "dicom_patient_id",
            "version",
            "source",
            "created_at",
            "changed_at",
            "deleted_at",
        )
        read_only_fields: tuple[str, ...] = ("id", "version", "source", "created_at", "changed_at", "deleted_at")
        validators: tuple[Any, ...] = ()


class LeadFactsSerializer(LeadSerializer):
    """What is said of a lead. Without `practice` it is about the active one."""

    practice = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)  # type: ignore[assignment]

    class Meta(LeadSerializer.Meta):
        fields = ("practice", *FIELDS)
        read_only_fields = ()


class LeadFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    external_id = serializers.CharField(required=False, max_length=ID_LENGTH)
    patient_id = serializers.CharField(required=False, max_length=ID_LENGTH)
    name = serializers.CharField(
        required=False,
        max_length=SEARCH_LENGTH,
        help_text="Words of the name or their beginnings, in any order, without regard to case and accents.",
    )
    birth_date = serializers.DateField(required=False)
    phone = serializers.CharField(required=False, max_length=NAME_LENGTH, help_text="With or without the country.")
    email = serializers.CharField(required=False, max_length=254)
    health_number = serializers.CharField(required=False, max_length=ID_LENGTH)
    status = serializers.ChoiceField(LeadStatus.choices, required=False)
    updated_since = serializers.DateTimeField(required=False, help_text="Changed then or later.")
    deleted = serializers.BooleanField(required=False, help_text="true: the deleted ones instead.")


class LeadPracticeSerializer(CamelCaseSerializer):
    """Which practice's lead; without it, the active one's."""

    practice = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)


class LeadsSerializer(CamelCaseSerializer):
    """Many leads at once. With `preview` it is told what would become of each, and nothing is saved."""

    leads = LeadFactsSerializer(many=True, help_text=f"At most {MOST_AT_ONCE}.")
    practice = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    preview = serializers.BooleanField(required=False)


class FieldErrorSerializer(CamelCaseSerializer):
    field = serializers.CharField()
    detail = serializers.CharField()


class RowSerializer(CamelCaseSerializer):
    """What became of one row."""

    index = serializers.IntegerField(help_text="Its place in the request, from 0.")
    outcome = serializers.ChoiceField([change.value for change in Change])
    id = serializers.IntegerField(allow_null=True, help_text="The lead's; null for one that is not there (yet).")
    external_id = serializers.CharField(allow_blank=True)
    changed_fields = serializers.ListField(child=serializers.CharField())
    # `errors` itself is the serializer's own.
    errors_ = FieldErrorSerializer(many=True)


class BulkSerializer(CamelCaseSerializer):
    """What became of the rows, counted, and of each by itself."""

    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()
    wrong = serializers.IntegerField()
    results = RowSerializer(many=True)
