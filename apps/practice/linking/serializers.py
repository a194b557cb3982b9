"""Matches as the REST API says them."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.archive.models import TEXT_LENGTH, UID_LENGTH
from apps.core.languages import translated
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.practice.appointments.choosing import number
from apps.practice.linking.confirming import MOST_AT_ONCE, Confirmed
from apps.practice.models import Candidate, How, Match, MatchDecision, MatchState, Verdict
from apps.practice.models.leads import ID_LENGTH

STATES: Final = {
    MatchState.PENDING: "pending",
    MatchState.LINKED: "linked",
    MatchState.REVIEW: "needsReview",
    MatchState.NO_LEAD: "noLead",
}
INSIDE: Final = {outside: state for state, outside in STATES.items()}
VERDICTS: Final = {verdict: verdict.value for verdict in Verdict} | {Verdict.NO_LEAD: "noLead"}


@extend_schema_field({"type": "string", "enum": list(STATES.values())})
class StateField(serializers.CharField):
    """The state of a match, in the API's words."""

    def to_representation(self, value: Any) -> str:
        return STATES[MatchState(value)]


@extend_schema_field({"type": "string", "enum": list(VERDICTS.values())})
class VerdictField(serializers.CharField):
    """What was decided, in the API's words."""

    def to_representation(self, value: Any) -> str:
        return VERDICTS[Verdict(value)]


class EvidenceSerializer(CamelCaseSerializer):
    """What one field says: how far it agrees, and what that weighs in bits; without what is in it."""

    field = serializers.CharField()
    level = serializers.CharField()
    bits = serializers.FloatField()
    words = serializers.CharField()


class BriefMatchSerializer(CamelCaseModelSerializer):
    """Whose a study is, for what tells of the study."""

    state = StateField(read_only=True)
    lead_id = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = Match
        fields: tuple[str, ...] = ("state", "lead_id", "how", "probability")
        read_only_fields = fields


class MatchSerializer(BriefMatchSerializer):
    """Whose a study is. `id` and `changedAt` are null where nobody has looked yet; each change raises `version`."""

    id = serializers.IntegerField(read_only=True, allow_null=True)
    changed_at = serializers.DateTimeField(read_only=True, allow_null=True)
    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    study = serializers.CharField(source="study.study_instance_uid", read_only=True)
    notes = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta(BriefMatchSerializer.Meta):
        fields: tuple[str, ...] = (
            "id", "practice", "study", "state", "lead_id", "how", "probability", "score", "notes", "version",
            "decided_at", "changed_at",
        )  # fmt: skip
        read_only_fields = fields


class CandidateSerializer(CamelCaseModelSerializer):
    """A lead whose the study may be. `isDoubtful`: something says that it is somebody else; `notes` say what."""

    lead_id = serializers.IntegerField(read_only=True)
    explanation = EvidenceSerializer(many=True, read_only=True)
    notes = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Candidate
        fields: tuple[str, ...] = (
            "rank", "lead_id", "score", "probability", "is_doubtful", "notes", "explanation",
        )  # fmt: skip
        read_only_fields = fields


class DecisionSerializer(CamelCaseModelSerializer):
    """What was once decided about a study. `follows`: it was decided for another study of the same patient."""

    verdict = VerdictField(read_only=True)
    state = StateField(read_only=True)
    lead_id = serializers.IntegerField(read_only=True, allow_null=True)
    follows: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = MatchDecision
        fields: tuple[str, ...] = (
            "id", "verdict", "state", "lead_id", "how", "by", "reason", "follows", "at", "undone_at", "undone_by",
        )  # fmt: skip
        read_only_fields = fields


class MatchDetailSerializer(MatchSerializer):
    """Whose a study is and why, who else it may be, and all that was decided about it, the last first."""

    explanation = EvidenceSerializer(many=True, read_only=True)
    candidates = CandidateSerializer(many=True, read_only=True)
    history = DecisionSerializer(many=True, read_only=True, source="shown_decisions")

    class Meta(MatchSerializer.Meta):
        fields = (*MatchSerializer.Meta.fields, "explanation", "candidates", "history")
        read_only_fields = fields


class MatchFilters(CamelCaseSerializer):
    practice = number(required=False)
    state = serializers.ChoiceField(list(INSIDE), required=False)
    how = serializers.ChoiceField(How.choices, required=False)
    lead = number(required=False)
    study = serializers.CharField(required=False, max_length=UID_LENGTH, help_text="Study Instance UID.")
    since = serializers.DateTimeField(required=False, help_text="Changed then or later.")


class SeenSerializer(CamelCaseSerializer):
    """`version` is the match's that was decided upon: where it is another one by now, nothing is done (409)."""

    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class DecidedSerializer(SeenSerializer):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=TEXT_LENGTH)


class DecidedLeadSerializer(DecidedSerializer):
    """Which lead, by its number or what your software calls it."""

    lead_id = number(required=False)
    lead_external_id = serializers.CharField(required=False, max_length=ID_LENGTH)


class ConfirmSerializer(CamelCaseSerializer):
    """Matches by their numbers."""

    matches = serializers.ListField(child=number(), min_length=1, max_length=MOST_AT_ONCE)


class ConfirmedSerializer(CamelCaseSerializer):
    """What became of one; `detail` says why it is left to be looked at."""

    id = serializers.IntegerField()
    is_confirmed = serializers.BooleanField()
    lead_id = serializers.IntegerField(allow_null=True)
    detail = serializers.SerializerMethodField()

    def get_detail(self, confirmed: Confirmed) -> str:
        return translated(confirmed.detail)


class ConfirmedListSerializer(CamelCaseSerializer):
    """What became of each, in the order asked for."""

    results = ConfirmedSerializer(many=True)
