"""X-rays: what a practice counts as one picture of a person, whatever door it came in by."""

from typing import Self

from django.db import models
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Caller, principal_of
from apps.archive.models import Instance, Series, Study
from apps.archive.querysets import StudyScoped

NOTES_LENGTH = 2000
TEETH_LENGTH = 120
USER_ID_LENGTH = 64


class XrayType(models.TextChoices):
    """What an X-ray shows, in a practice's words."""

    PANORAMIC = "PANORAMIC", "Panoramic"
    BITEWING = "BITEWING", "Bitewing"
    PERIAPICAL = "PERIAPICAL", "Periapical"
    OCCLUSAL = "OCCLUSAL", "Occlusal"
    FULL_MOUTH = "FULL_MOUTH", "Full mouth"
    CEPHALOMETRIC = "CEPHALOMETRIC", "Cephalometric"
    TMJ = "TMJ", "Temporomandibular joint"
    HAND_WRIST = "HAND_WRIST", "Hand and wrist"
    CBCT = "CBCT", "Cone beam CT"
    PHOTO = "PHOTO", "Photograph"
    PHOTO_INTRAORAL = "PHOTO_INTRAORAL", "Intraoral photograph"
    PHOTO_EXTRAORAL = "PHOTO_EXTRAORAL", "Extraoral photograph"
    OTHER = "OTHER", "Other"


class XrayStatus(models.TextChoices):
    """How far an X-ray is on its way to a lead: the state of its study's match."""

    RECEIVED = "received", "Received"
    MATCHED = "matched", "Matched"
    NEEDS_REVIEW = "needsReview", "Needs review"
    NO_LEAD = "noLead", "No lead"


class XRayQuerySet(StudyScoped["XRay"]):
    """Seen by who reaches its study."""

    study_path = "study__"
    series_path = "series__series_instance_uid"

    def changeable_by(self, who: Caller) -> Self:
        """Those whose type, date and notes `who` may change: of studies to correct, and what they uploaded."""
        principal = principal_of(who)
        editable = self.visible_to(who, Permission.EDIT)
        if principal is None or not principal.user_id:
            return editable
        own = self.visible_to(who, Permission.UPLOAD).filter(uploaded_by=principal.user_id)
        return editable | own


class XRay(models.Model):
    """A projection image or a photograph (one instance), or a volume (one series, without an instance).

    Whose it is says its study's match. `status` follows that, so that a long list is read by an index.
    """

    # What begins with the practice serves as the index of the key.
    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="xrays", db_index=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="xrays")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="xrays", db_index=False)
    instance = models.ForeignKey(
        Instance, null=True, blank=True, on_delete=models.CASCADE, related_name="xrays",
        help_text="The image; none for a volume, which is its series.",
    )  # fmt: skip
    kind = models.CharField("type", max_length=20, choices=XrayType.choices, default=XrayType.OTHER)
    modality = models.CharField(max_length=32, blank=True)
    status = models.CharField(max_length=12, choices=XrayStatus.choices, default=XrayStatus.RECEIVED)
    taken_at = models.DateTimeField("taken", default=timezone.now)
    teeth = models.CharField(max_length=TEETH_LENGTH, blank=True, help_text="As FDI numbers, such as 16, 17.")
    notes = models.CharField(max_length=NOTES_LENGTH, blank=True)
    user_id = models.CharField(
        "user elsewhere", max_length=USER_ID_LENGTH, blank=True, help_text="What the caller's system calls its user."
    )
    uploaded_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    source = models.CharField(max_length=64, blank=True, help_text="How it came in.")
    received_at = models.DateTimeField("received", default=timezone.now)
    matched_at = models.DateTimeField("matched", null=True, blank=True)
    changed_at = models.DateTimeField("changed", default=timezone.now)

    objects = XRayQuerySet.as_manager()

    class Meta:
        ordering = ["-taken_at", "-id"]
        verbose_name = "X-ray"
        constraints = [
            models.UniqueConstraint(fields=["series", "instance"], name="xray_once"),
            models.UniqueConstraint(fields=["series"], name="xray_volume_once", condition=models.Q(instance=None)),
        ]
        indexes = [
            models.Index(fields=["practice", "-taken_at", "-id"], name="xray_newest"),
            # For those who see several practices, or all.
            models.Index(fields=["-taken_at", "-id"], name="xray_newest_of_all"),
            models.Index(fields=["practice", "-received_at", "-id"], name="xray_received"),
            models.Index(fields=["practice", "kind", "-taken_at", "-id"], name="xray_kind"),
            models.Index(fields=["practice", "status", "-taken_at", "-id"], name="xray_status"),
            models.Index(fields=["practice", "modality", "-taken_at", "-id"], name="xray_modality"),
            models.Index(
                fields=["uploaded_by"], name="xray_uploaded_by", condition=models.Q(uploaded_by__isnull=False)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.taken_at:%Y-%m-%d}"
