"""X-rays as the REST API writes them, and what may be asked and said of them."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import UID_LENGTH
from apps.archive.viewing import viewer_url
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.dicomweb.base import base_url, site_url
from apps.practice.models import How, Match, MatchState, XRay, XrayStatus, XrayType
from apps.practice.xrays.facts import DateTakenField, FactsSerializer

LARGEST: Final = 2**63 - 1
TEXT_LENGTH: Final = 100
# Without a transfer syntax, a client is given Explicit VR Little Endian (PS3.18 8.7.3.5.2).
AS_STORED: Final = "application/dicom%3Btransfer-syntax%3D*"
ZIP: Final = "application/zip"
_STATES: Final = {
    MatchState.PENDING: "pending",
    MatchState.LINKED: "linked",
    MatchState.REVIEW: "needsReview",
    MatchState.NO_LEAD: "noLead",
}
MATCH_STATES: Final = list(_STATES.values())


class XrayMatchSerializer(CamelCaseSerializer):
    """Whose it is, how that is known, and how sure the server is where it found that out itself."""

    state = serializers.ChoiceField(MATCH_STATES)
    lead_id = serializers.IntegerField(allow_null=True)
    how = serializers.ChoiceField(How.choices)
    probability = serializers.FloatField(allow_null=True)


class XrayLeadSerializer(CamelCaseSerializer):
    """The lead in short: `/api/leads/{id}` has all."""

    id = serializers.IntegerField()
    external_id = serializers.CharField(allow_blank=True)
    family_name = serializers.CharField(allow_blank=True)
    given_name = serializers.CharField(allow_blank=True)
    birth_date = serializers.DateField(allow_null=True)


class XraySerializer(CamelCaseModelSerializer):
    """An X-ray: an image, or a volume, which has no `sopInstanceUid`.

    `thumbnailUrl` and `renderedUrl` give pictures, `dicomUrl` what is stored. `lead` is told to who may look at leads.
    """

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    xray_type = serializers.ChoiceField(XrayType.choices, source="kind")
    status = serializers.ChoiceField(XrayStatus.choices)
    date_taken = serializers.DateTimeField(source="taken_at")
    uploaded_by = serializers.CharField(source="uploaded_by.username", default=None, allow_null=True)
    description = serializers.SerializerMethodField()
    study_instance_uid = serializers.CharField(source="study.study_instance_uid")
    series_instance_uid = serializers.CharField(source="series.series_instance_uid")
    sop_instance_uid = serializers.CharField(source="instance.sop_instance_uid", default=None, allow_null=True)
    size = serializers.SerializerMethodField()
    patient_name = serializers.CharField(source="study.patient_name")
    patient_id = serializers.CharField(source="study.patient_identifier")
    match = serializers.SerializerMethodField()
    lead = serializers.SerializerMethodField()
    viewer_url = serializers.SerializerMethodField()
    thumbnail_url = serializers.SerializerMethodField()
    rendered_url = serializers.SerializerMethodField()
    dicom_url = serializers.SerializerMethodField()

    class Meta:
        model = XRay
        fields: tuple[str, ...] = (
            "id",
            "practice",
            "xray_type",
            "modality",
            "status",
            "date_taken",
            "received_at",
            "matched_at",
            "changed_at",
            "teeth",
            "notes",
            "user_id",
            "uploaded_by",
            "source",
            "description",
            "size",
            "study_instance_uid",
            "series_instance_uid",
            "sop_instance_uid",
            "patient_name",
            "patient_id",
            "match",
            "lead",
            "viewer_url",
            "thumbnail_url",
            "rendered_url",
            "dicom_url",
        )
        read_only_fields = fields

    def get_description(self, xray: XRay) -> str:
        return xray.series.series_description or xray.study.study_description

    def get_size(self, xray: XRay) -> int:
        return xray.instance.size if xray.instance else xray.series.size

    def get_match(self, xray: XRay) -> XrayMatchSerializer:
        match = None if self.context.get("is_hidden") else getattr(xray.study, "match", None)
        return XrayMatchSerializer(_match(match)).data  # type: ignore[return-value]

    @extend_schema_field(XrayLeadSerializer(allow_null=True))
    def get_lead(self, xray: XRay) -> XrayLeadSerializer | None:
        match = getattr(xray.study, "match", None)
        lead = match.lead if match and match.state == MatchState.LINKED else None
        if (
            lead is None
            or self.context.get("is_hidden")
            or not self._principal.may_in_all_of(Permission.VIEW, xray.practice_id)
        ):
            return None
        return XrayLeadSerializer(lead).data  # type: ignore[return-value]

    def get_viewer_url(self, xray: XRay) -> str:
        instance = xray.instance.sop_instance_uid if xray.instance else ""
        path = viewer_url(xray.study.study_instance_uid, xray.series.series_instance_uid, instance)
        return f"{site_url(self._request)}{path}"

    def get_thumbnail_url(self, xray: XRay) -> str:
        return f"{self._resource(xray)}/thumbnail"

    def get_rendered_url(self, xray: XRay) -> str:
        return f"{self._resource(xray)}/rendered"

    def get_dicom_url(self, xray: XRay) -> str:
        return f"{self._resource(xray)}?accept={AS_STORED if xray.instance else ZIP}"

    def _resource(self, xray: XRay) -> str:
        study, series = xray.study.study_instance_uid, xray.series.series_instance_uid
        address = f"{base_url(self._request)}/studies/{study}/series/{series}"
        return f"{address}/instances/{xray.instance.sop_instance_uid}" if xray.instance else address

    @property
    def _request(self) -> HttpRequest:
        request: HttpRequest = self.context["request"]
        return request

    @property
    def _principal(self) -> Principal:
        principal: Principal = self.context["request"].auth
        return principal


class ReceivedXraySerializer(XraySerializer):
    """An X-ray that was just received, and what should be known about it."""

    warnings = serializers.ListField(child=serializers.CharField(), source="said", default=list)

    class Meta(XraySerializer.Meta):
        fields = (*XraySerializer.Meta.fields, "warnings")
        read_only_fields = fields


class ChangedFactsSerializer(FactsSerializer):
    """What is changed of an X-ray. What is left out stays; a `leadId` of null takes the link back."""

    lead_id = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST, allow_null=True)
    whole_study = serializers.BooleanField(
        required=False, help_text="The lead is changed of all the X-rays of its study, where there are more."
    )


class DayAfterField(DateTakenField):
    """The end of a day, or a moment."""

    def to_internal_value(self, data: Any) -> datetime:
        moment = super().to_internal_value(data)
        is_day = isinstance(data, str) and len(data) == len("2024-01-31")
        return moment + timedelta(days=1) if is_day else moment


class XrayFilters(CamelCaseSerializer):
    lead_id = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    xray_type = serializers.ChoiceField(XrayType.choices, required=False)
    status = serializers.ChoiceField(XrayStatus.choices, required=False)
    modality = serializers.CharField(required=False, max_length=16)
    date_from = DateTakenField(required=False, help_text=_("Taken on this day or at this moment, or later."))
    date_to = DayAfterField(required=False, help_text=_("Taken on this day, or before this moment."))
    since = DateTakenField(required=False, help_text=_("Received since then; the latest received come first."))
    text = serializers.CharField(
        required=False, max_length=TEXT_LENGTH, help_text="Words of patient's name or id, description, notes, teeth."
    )
    study = serializers.CharField(required=False, max_length=UID_LENGTH, help_text="Study Instance UID.")
    practice = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST, help_text="Without it, the active one."
    )


def _match(match: Match | None) -> dict[str, Any]:
    if match is None:
        return {"state": "pending", "lead_id": None, "how": How.MACHINE, "probability": None}
    is_linked = match.state == MatchState.LINKED
    return {
        "state": _STATES[MatchState(match.state)],
        "lead_id": match.lead_id if is_linked else None,
        "how": match.how,
        "probability": match.probability if is_linked else None,
    }
