"""Dictations, recognisers and corrections as the REST API writes them."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from apps.accounts.models import Practice
from apps.core.languages import translated
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.dictation.engines import Ear, Engine
from apps.dictation.models import Correction, Dictation, Mode
from apps.dictation.recognising.pieces import PieceKind


class DictationFilters(CamelCaseSerializer):
    """What is listened for, and in which language."""

    mode = serializers.ChoiceField(Mode.choices)
    language = serializers.ChoiceField(settings.LANGUAGES)


class PieceSerializer(CamelCaseSerializer):
    """Something that was said from `start` to `end` (seconds). `kind` says what is to be done with it: write `text`
    (`text`, and `phrase`, whose name `said` is), carry out `command`, or nothing (`unheard`). `confidence` is from 0 to
    1."""

    kind = serializers.ChoiceField([kind.value for kind in PieceKind])
    said = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    command = serializers.CharField(allow_blank=True)
    start = serializers.FloatField()
    end = serializers.FloatField()
    confidence = serializers.FloatField()


class DictationSerializer(CamelCaseModelSerializer):
    """A dictation of the caller's. `text` is what is to be written of all pieces; `error` says why there is none."""

    pieces = PieceSerializer(many=True)
    error = serializers.SerializerMethodField()

    class Meta:
        model = Dictation
        fields = ("id", "state", "language", "mode", "engine", "text", "pieces", "error", "created_at")
        read_only_fields = fields

    def get_error(self, row: Dictation) -> str:
        return translated(row.error)


class EarSerializer(CamelCaseSerializer):
    """Which recogniser listens in this way and language; `reason` says why none does."""

    mode = serializers.ChoiceField(Mode.choices)
    language = serializers.CharField()
    engine = serializers.ChoiceField([engine.value for engine in Engine], allow_blank=True)
    is_available = serializers.BooleanField()
    reason = serializers.SerializerMethodField()

    def get_reason(self, ear: Ear) -> str:
        return translated(ear.reason)


class DictationCorrectionSerializer(CamelCaseModelSerializer):
    """What is written (`meant`) in the place of what a recogniser of free text hears. Without `practice`, the active
    one's."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(
        queryset=Practice.objects.all(), required=False
    )

    class Meta:
        model = Correction
        fields = ("id", "practice", "language", "heard", "meant")
        read_only_fields = ("id",)
        # `correcting.save` says it in words.
        validators: list[Any] = []


class DictationCorrectionFilters(CamelCaseSerializer):
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)
