"""Videos that came in and what became of them; how a practice wants them converted; masks over what devices burn in."""

from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import UID_LENGTH
from apps.core.languages import translated
from apps.jobs.models import ENDED, Job, State
from apps.practice.models import Appointment, Lead
from apps.video.cameras.models import Camera, Procedure  # noqa: F401 - Django looks for models here
from apps.video.conversion.plan import Path
from apps.video.conversion.policy import Hevc, Interlace, Mask, Mjpeg, Policy, Sound, Speed, Timing
from apps.video.live.models import Recording, RecordingSegment  # noqa: F401 - so here
from apps.video.masking import findings as mask_findings
from apps.worklist.models import ScheduledStep

NAME_LENGTH: Final = 255
SHA256_LENGTH: Final = 64
FOLDER_LENGTH: Final = 32
SOURCE_LENGTH: Final = 64
PRESET_LENGTH: Final = 20
REASON_LENGTH: Final = 500
TEXT_LENGTH: Final = 60

SOUNDS: Final = [(Sound.STRIP.value, _("Left out")), (Sound.KEEP.value, _("Kept"))]
HEVCS: Final = [(Hevc.KEEP.value, _("Kept")), (Hevc.H264.value, _("Made H.264, which every browser plays"))]
MJPEGS: Final = [(Mjpeg.KEEP.value, _("Kept, each picture a JPEG")), (Mjpeg.H264.value, _("Made H.264"))]
INTERLACES: Final = [(Interlace.KEEP.value, _("Kept")), (Interlace.PROGRESSIVE.value, _("Made whole pictures"))]
TIMINGS: Final = [
    (Timing.CONSTANT.value, _("A constant rate")),
    (Timing.EXACT.value, _("Each picture's own time, where the film is short")),
]
SPEEDS: Final = [
    (Speed.EXPRESS.value, _("Express: quick, larger")),
    (Speed.STANDARD.value, _("Standard")),
    (Speed.FINE.value, _("Fine: slow, smaller")),
]
PATHS: Final = [
    (Path.PASSTHROUGH.value, _("Taken as it is")),
    (Path.REMUX.value, _("Repacked")),
    (Path.RELABEL.value, _("Repacked and labelled anew")),
    (Path.WRAP_JPEG.value, _("Each picture taken as it is")),
    (Path.TRANSCODE.value, _("Encoded anew")),
]


class VideoQuerySet(ScopedQuerySet["Video"]):
    """Seen by who may store in all of the practice."""

    permission = Permission.UPLOAD

    def in_state(self, state: str) -> "VideoQuerySet":
        """Those whose job is in this state, or ended in it before its row was removed."""
        return self.filter(Q(job__state=state) | Q(job=None, last_state=state))


class MaskTemplateQuerySet(ScopedQuerySet["MaskTemplate"]):
    """Seen and chosen by who may store in all of the practice; written by who administers it."""

    permission = Permission.UPLOAD


class MaskTemplate(models.Model):
    """Where the devices of a model burn text into their pictures. `masks` are rectangles in parts of the picture.

    Chosen by name, or by Manufacturer (0008,0070) and Manufacturer's Model Name (0008,1090) where it is to be found
    by itself.
    """

    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="video_masks", db_index=False, verbose_name=_("practice")
    )
    name = models.CharField(_("name"), max_length=TEXT_LENGTH, help_text=_("Such as Endoscopy tower, room 2."))
    manufacturer = models.CharField(
        _("manufacturer"), max_length=TEXT_LENGTH + 4, blank=True,
        help_text=_("With the model: films of such a device get these masks without being asked."),
    )  # fmt: skip
    model = models.CharField(_("model"), max_length=TEXT_LENGTH + 4, blank=True)
    masks = models.JSONField(
        _("masks"), default=list,
        help_text=_("Rectangles that are painted black: left, top, width, height, in parts of the picture (0 to 1)."),
    )  # fmt: skip
    covers_all = models.BooleanField(
        _("covers every name"), default=False,
        help_text=_("The device writes who the patient is nowhere else: films say so (Burned In Annotation)."),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True, editable=False)

    objects = MaskTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("mask template")
        verbose_name_plural = _("mask templates")
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"], name="video_mask_name",
                violation_error_message=_("This practice has a mask template of this name already."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if wrong := mask_findings(self.masks):
            raise ValidationError({"masks": [translated(text) for text in wrong]})

    def rectangles(self) -> tuple[Mask, ...]:
        return tuple(Mask(**each) for each in self.masks)


class PracticePolicyQuerySet(ScopedQuerySet["PracticePolicy"]):
    """Seen by who may store in all of the practice; written by who administers it."""

    permission = Permission.UPLOAD


class PracticePolicy(models.Model):
    """How a practice wants its films converted; one without a row wants what `Policy` says."""

    practice = models.OneToOneField(
        Practice, primary_key=True, on_delete=models.CASCADE, related_name="video_policy", verbose_name=_("practice")
    )
    sound = models.CharField(
        _("sound"), max_length=12, choices=SOUNDS, default=Sound.STRIP.value,
        help_text=_("Voices tell who is there: leave the sound out unless it is needed."),
    )  # fmt: skip
    hevc = models.CharField(_("HEVC (H.265)"), max_length=12, choices=HEVCS, default=Hevc.KEEP.value)
    mjpeg = models.CharField(_("Motion JPEG"), max_length=12, choices=MJPEGS, default=Mjpeg.KEEP.value)
    interlace = models.CharField(_("interlaced"), max_length=12, choices=INTERLACES, default=Interlace.KEEP.value)
    timing = models.CharField(_("varying rate"), max_length=12, choices=TIMINGS, default=Timing.EXACT.value)
    speed = models.CharField(_("encoding"), max_length=12, choices=SPEEDS, default=Speed.STANDARD.value)
    keep_4k = models.BooleanField(
        _("4K stays 4K"),
        default=False,
        help_text=_("As HEVC, which not every viewer plays; else it is made 1080 lines."),
    )
    hardware = models.BooleanField(
        _("hardware encoder"), default=True, help_text=_("Use the machine's where there is one.")
    )
    max_lost = models.FloatField(
        _("most that may be lost"), default=0.2, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text=_("The share of a damaged film's pictures: with more missing it is refused."),
    )  # fmt: skip
    changed_at = models.DateTimeField(_("changed"), auto_now=True, editable=False)

    objects = PracticePolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("how videos are converted")
        verbose_name_plural = _("how videos are converted")

    def __str__(self) -> str:
        return str(self.practice)

    def policy(self) -> Policy:
        """What it says, without masks."""
        return Policy(
            sound=Sound(self.sound),
            hevc=Hevc(self.hevc),
            mjpeg=Mjpeg(self.mjpeg),
            interlace=Interlace(self.interlace),
            timing=Timing(self.timing),
            speed=Speed(self.speed),
            keep_4k=self.keep_4k,
            hardware=self.hardware,
            max_lost=self.max_lost,
        )


class Video(models.Model):
    """A film that somebody brought. How it goes is its job's state; once the job's row is gone, `last_state`.

    `metadata`, `policy` and `plan` are JSON (`objects.sidecar`, `wishes`, `planned`), `report` is the verification
    report that is shown.
    """

    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="videos", db_index=False, verbose_name=_("practice")
    )
    job = models.OneToOneField(
        Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="video", verbose_name=_("job")
    )
    last_state = models.CharField(
        _("state"), max_length=10, choices=State.choices, blank=True, editable=False,
        help_text=_("How its job last ended; empty until then."),
    )  # fmt: skip
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False,
        verbose_name=_("from"),
    )  # fmt: skip
    source = models.CharField(_("source"), max_length=SOURCE_LENGTH, help_text=_("How it came in."))
    name = models.CharField(_("file"), max_length=NAME_LENGTH, help_text=_("As its sender calls it."))
    size = models.BigIntegerField(_("size"), help_text=_("Bytes."))
    sha256 = models.CharField(_("SHA-256"), max_length=SHA256_LENGTH, help_text=_("Of the file, as it came."))
    folder = models.CharField(
        max_length=FOLDER_LENGTH, unique=True, editable=False, help_text=_("Where it waits, below the data folder.")
    )
    batch = models.CharField(
        max_length=FOLDER_LENGTH, editable=False, help_text=_("The same for all that came in one request.")
    )
    kept_until = models.DateTimeField(
        _("file kept until"), null=True, blank=True, db_index=True, editable=False,
        help_text=_("Empty: the file itself is gone, or its job is not over."),
    )  # fmt: skip
    has_file = models.BooleanField(
        _("file is here"), default=True, editable=False, help_text=_("It goes when the object is stored.")
    )

    preset = models.CharField(_("specialty"), max_length=PRESET_LENGTH, blank=True)
    metadata = models.JSONField(_("details"), default=dict, blank=True, help_text=_("Whose and what it is."))
    policy = models.JSONField(_("how it is converted"), default=dict, blank=True)
    step = models.ForeignKey(
        ScheduledStep, null=True, blank=True, on_delete=models.SET_NULL, related_name="videos", verbose_name=_("step")
    )
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="videos",
        verbose_name=_("appointment"),
    )  # fmt: skip
    lead = models.ForeignKey(
        Lead, null=True, blank=True, on_delete=models.SET_NULL, related_name="videos", verbose_name=_("lead")
    )
    mask_template = models.ForeignKey(
        MaskTemplate, null=True, blank=True, on_delete=models.SET_NULL, related_name="videos",
        verbose_name=_("mask template"),
    )  # fmt: skip

    path = models.CharField(_("what is done"), max_length=12, choices=PATHS, blank=True)
    plan = models.JSONField(_("plan"), null=True, blank=True)
    report = models.JSONField(_("verification report"), null=True, blank=True)
    code = models.CharField(_("code"), max_length=20, blank=True, help_text=_("Why it was refused, for programs."))
    reason = models.CharField(
        _("reason"), max_length=REASON_LENGTH, blank=True, help_text=_("Why it was refused, for a person.")
    )
    study_instance_uid = models.CharField(_("Study Instance UID"), max_length=UID_LENGTH, blank=True)
    series_instance_uid = models.CharField(_("Series Instance UID"), max_length=UID_LENGTH, blank=True)
    sop_instance_uid = models.CharField(_("SOP Instance UID"), max_length=UID_LENGTH, blank=True)
    created_at = models.DateTimeField(_("received"), default=timezone.now)

    objects = VideoQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        indexes = [
            models.Index(fields=["practice", "-id"], name="video_newest"),
            models.Index(fields=["practice", "batch"], name="video_batch"),
            models.Index(fields=["sop_instance_uid"], name="video_object"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """One of `jobs.models.State`."""
        return self.job.state if self.job else self.last_state

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    @property
    def error(self) -> str:
        """Why it did not become an object, for a person; empty where it did, or may still."""
        return self.reason or (self.job.error if self.job else "")
