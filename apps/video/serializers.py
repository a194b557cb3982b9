"""Films, mask templates and policies as the REST API writes them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.accounts.models import Practice
from apps.core.languages import translated
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.jobs.api import ProgressSerializer
from apps.jobs.models import State
from apps.video.errors import Code
from apps.video.masking import MOST as MOST_MASKS
from apps.video.models import FOLDER_LENGTH, NAME_LENGTH, PATHS, MaskTemplate, PracticePolicy, Video
from apps.video.wishes import LARGEST


class PlanSerializer(CamelCaseSerializer):
    """What is done with the file, and why no less: `isExact` where the decoded pictures stay the file's own."""

    path = serializers.ChoiceField(PATHS)
    transfer_syntax_uid = serializers.CharField()
    columns = serializers.IntegerField()
    rows = serializers.IntegerField()
    rate = serializers.CharField(help_text="Pictures a second, such as 30000/1001.")
    is_exact = serializers.BooleanField()
    sound = serializers.CharField(help_text="none, copy or encode.")
    container = serializers.CharField()
    steps = serializers.ListField(child=serializers.CharField(), help_text="Of an encoding, such as rotate.")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="For a person.")


class KeptSoundSerializer(CamelCaseSerializer):
    codec = serializers.CharField()
    rate = serializers.IntegerField(help_text="Hz.")
    channels = serializers.IntegerField()


class QualitySerializer(CamelCaseSerializer):
    """How like its source an encoded film is."""

    mean_psnr = serializers.FloatField(help_text="Decibels, over the whole film.")
    min_psnr = serializers.FloatField(help_text="Decibels, of the worst picture compared.")
    ssim = serializers.FloatField(help_text="0 to 1.")
    frames_compared = serializers.IntegerField()


class VerifiedSerializer(CamelCaseSerializer):
    """What was found when the written object was opened again: `isWhole` where all of its pictures were decoded."""

    frames = serializers.IntegerField()
    profile = serializers.IntegerField()
    level = serializers.IntegerField()
    columns = serializers.IntegerField()
    rows = serializers.IntegerField()
    rate = serializers.CharField()
    is_whole = serializers.BooleanField()
    lost_frames = serializers.IntegerField()
    digest = serializers.CharField(allow_blank=True)
    quality = QualitySerializer(allow_null=True)


class AfterwardsSerializer(CamelCaseSerializer):
    """What was found when all of a film was decoded that was kept as it came; `damaged` pictures are kept as well."""

    frames = serializers.IntegerField(help_text="Pictures that decode.")
    damaged = serializers.IntegerField(help_text="Pictures that don't, or only in part.")
    checked_at = serializers.DateTimeField()


class ReportSerializer(CamelCaseSerializer):
    """What the object is, and what was verified of it.

    `afterwards` is there once a long film that was kept as it came has been decoded in full (FOVEA_VIDEO_EXAMINE).
    """

    path = serializers.ChoiceField(PATHS)
    is_exact = serializers.BooleanField()
    transfer_syntax_uid = serializers.CharField()
    frames = serializers.IntegerField()
    lost_frames = serializers.IntegerField()
    columns = serializers.IntegerField()
    rows = serializers.IntegerField()
    rate = serializers.CharField(help_text="Pictures a second, such as 30000/1001.")
    is_constant_rate = serializers.BooleanField()
    seconds = serializers.FloatField()
    bytes = serializers.IntegerField()
    source_bytes = serializers.IntegerField()
    sound = KeptSoundSerializer(allow_null=True)
    steps = serializers.ListField(child=serializers.CharField())
    reasons = serializers.ListField(child=serializers.CharField())
    encoder = serializers.CharField(allow_blank=True)
    verified = VerifiedSerializer()
    afterwards = AfterwardsSerializer(required=False)


class VideoSerializer(CamelCaseModelSerializer):
    """A film: how far it is, and what it became. `code` and `error` say why it did not become an object.

    `poster` is the address of a picture of it, once it is stored.
    """

    state = serializers.ChoiceField(State.choices, read_only=True)
    practice = serializers.IntegerField(source="practice_id", read_only=True)
    job_id = serializers.IntegerField(read_only=True, allow_null=True, help_text="null once its row is removed.")
    requested_by = serializers.CharField(source="requested_by.username", default=None, allow_null=True, read_only=True)
    progress = serializers.SerializerMethodField()
    code = serializers.ChoiceField([("", ""), *((each.value, each.value) for each in Code)], read_only=True)
    error = serializers.SerializerMethodField()
    poster = serializers.SerializerMethodField()

    class Meta:
        model = Video
        fields: tuple[str, ...] = (
            "id", "practice", "name", "size", "sha256", "source", "batch", "state", "progress", "path", "code", "error",
            "preset", "step", "appointment", "lead", "has_file", "kept_until", "study_instance_uid",
            "series_instance_uid", "sop_instance_uid", "poster", "job_id", "requested_by", "created_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(ProgressSerializer(allow_null=True))
    def get_progress(self, video: Video) -> Any:
        return ProgressSerializer(video.job).data if video.job else None

    def get_error(self, video: Video) -> str:
        return translated(video.error)

    @extend_schema_field(OpenApiTypes.URI)
    def get_poster(self, video: Video) -> str | None:
        """Where nothing is stored yet there is none."""
        if not video.sop_instance_uid:
            return None
        address = f"/api/instances/{video.sop_instance_uid}/poster"
        request = self.context.get("request")
        return request.build_absolute_uri(address) if request else address


class OneVideoSerializer(VideoSerializer):
    """With the plan, the verification report, and what was wanted of it."""

    plan = serializers.SerializerMethodField()
    report = serializers.SerializerMethodField()
    metadata = serializers.SerializerMethodField()
    policy = serializers.JSONField(read_only=True)
    masks = serializers.IntegerField(source="mask_template_id", allow_null=True, read_only=True)

    class Meta(VideoSerializer.Meta):
        fields = (*VideoSerializer.Meta.fields, "plan", "report", "metadata", "policy", "masks")
        read_only_fields = fields

    @extend_schema_field(PlanSerializer(allow_null=True))
    def get_plan(self, video: Video) -> Any:
        plan: dict[str, Any] | None = video.plan
        return plan and {**plan, "reasons": [translated(reason) for reason in plan.get("reasons", [])]}

    @extend_schema_field(ReportSerializer(allow_null=True))
    def get_report(self, video: Video) -> Any:
        return video.report

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_metadata(self, video: Video) -> dict[str, Any]:
        """As a sidecar says it."""
        return {name: value for name, value in video.metadata.items() if name != "seed"}


class VideosTakenSerializer(CamelCaseSerializer):
    """What came in one request; `batch` finds it again."""

    batch = serializers.CharField()
    count = serializers.IntegerField()
    results = VideoSerializer(many=True)


class VideoFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    state = serializers.ChoiceField(State.choices, required=False)
    path = serializers.ChoiceField(PATHS, required=False)
    code = serializers.ChoiceField([each.value for each in Code], required=False)
    batch = serializers.CharField(required=False, max_length=FOLDER_LENGTH)
    job_id = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    step = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    appointment = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    lead = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    study_instance_uid = serializers.CharField(required=False, max_length=64)
    sop_instance_uid = serializers.CharField(required=False, max_length=64)
    name = serializers.CharField(required=False, max_length=NAME_LENGTH, source="name__icontains")
    created_after = serializers.DateTimeField(required=False, source="created_at__gt")


class RectangleSerializer(CamelCaseSerializer):
    """In parts of the upright picture's width and height, 0 to 1."""

    left = serializers.FloatField(min_value=0, max_value=1)
    top = serializers.FloatField(min_value=0, max_value=1)
    width = serializers.FloatField(min_value=0, max_value=1)
    height = serializers.FloatField(min_value=0, max_value=1)


class MaskTemplateSerializer(CamelCaseModelSerializer):
    """Where the devices of a model burn text into their pictures; films of such a device get these masks.

    `coversAll` says that they write who the patient is nowhere else (Burned In Annotation is NO then).
    """

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    masks = serializers.ListField(child=RectangleSerializer(), max_length=MOST_MASKS)

    class Meta:
        model = MaskTemplate
        fields: tuple[str, ...] = (
            "id", "practice", "name", "manufacturer", "model", "masks", "covers_all", "created_at", "changed_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = ("id", "created_at", "changed_at")
        # The model's own rules say it better, and the service asks them.
        validators: tuple[Any, ...] = ()

    def validate_masks(self, masks: list[Any]) -> list[Any]:
        return [dict(each) for each in masks]


class NewMaskTemplateSerializer(MaskTemplateSerializer):
    """A mask template of a practice."""

    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all())


class MaskFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)


class VideoPolicySerializer(CamelCaseModelSerializer):
    """How a practice has its films converted, unless one is sent in otherwise."""

    practice = serializers.IntegerField(source="practice_id", read_only=True)

    changed_at = serializers.DateTimeField(
        read_only=True, allow_null=True, label="Changed", help_text="None while the practice has changed nothing."
    )

    class Meta:
        model = PracticePolicy
        fields: tuple[str, ...] = (
            "practice", "sound", "hevc", "mjpeg", "interlace", "timing", "speed", "keep_4k", "hardware", "max_lost",
            "changed_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = ("changed_at",)


class PolicyFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST, help_text="Without it, the active one."
    )
