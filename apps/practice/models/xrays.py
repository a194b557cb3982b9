"""X-rays: what a practice counts as one picture of a person, whatever door it came in by."""

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

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

    PANORAMIC = "PANORAMIC", _("Panoramic")
    BITEWING = "BITEWING", _("Bitewing")
    PERIAPICAL = "PERIAPICAL", _("Periapical")
    OCCLUSAL = "OCCLUSAL", _("Occlusal")
    FULL_MOUTH = "FULL_MOUTH", _("Full mouth")
    CEPHALOMETRIC = "CEPHALOMETRIC", _("Cephalometric")
    TMJ = "TMJ", _("Temporomandibular joint")
    HAND_WRIST = "HAND_WRIST", _("Hand and wrist")
    CBCT = "CBCT", _("Cone beam CT")
    PHOTO = "PHOTO", _("Photograph")
    PHOTO_INTRAORAL = "PHOTO_INTRAORAL", _("Intraoral photograph")
    PHOTO_EXTRAORAL = "PHOTO_EXTRAORAL", _("Extraoral photograph")
    OTHER = "OTHER", _("Other")


class XrayStatus(models.TextChoices):
    """How far an X-ray is on its way to a lead: the state of its study's match."""

    RECEIVED = "received", _("Received")
    MATCHED = "matched", _("Matched")
    NEEDS_REVIEW = "needsReview", _("Needs review")
    NO_LEAD = "noLead", _("No lead")


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
    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="xrays", db_index=False
    )
    study = models.ForeignKey(Study, verbose_name=_("study"), on_delete=models.CASCADE, related_name="xrays")
    series = models.ForeignKey(
        Series, verbose_name=_("series"), on_delete=models.CASCADE, related_name="xrays", db_index=False
    )
    instance = models.ForeignKey(
        Instance,
        verbose_name=_("instance"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="xrays",
        help_text=_("The image; none for a volume, which is its series."),
    )
    kind = models.CharField(_("type"), max_length=20, choices=XrayType.choices, default=XrayType.OTHER)
    modality = models.CharField(verbose_name=_("modality"), max_length=32, blank=True)
    status = models.CharField(
        verbose_name=_("status"), max_length=12, choices=XrayStatus.choices, default=XrayStatus.RECEIVED
    )
    taken_at = models.DateTimeField(_("taken"), default=timezone.now)
    teeth = models.CharField(
        verbose_name=_("teeth"), max_length=TEETH_LENGTH, blank=True, help_text=_("As FDI numbers, such as 16, 17.")
    )
    notes = models.CharField(verbose_name=_("notes"), max_length=NOTES_LENGTH, blank=True)
    user_id = models.CharField(
        _("user elsewhere"),
        max_length=USER_ID_LENGTH,
        blank=True,
        help_text=_("What the caller's system calls its user."),
    )
    uploaded_by = models.ForeignKey(
        User,
        verbose_name=_("uploaded by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    source = models.CharField(verbose_name=_("source"), max_length=64, blank=True, help_text=_("How it came in."))
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    matched_at = models.DateTimeField(_("matched"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    objects = XRayQuerySet.as_manager()

    class Meta:
        ordering = ["-taken_at", "-id"]
        verbose_name = _("X-ray")
        verbose_name_plural = _("X-rays")
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
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.taken_at:%Y-%m-%d}"
