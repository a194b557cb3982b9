"""What destinations were asked to keep, until they have said that they do (PS3.4 J.3)."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.models import Practice
from apps.remotes.models import Administered, Remote

UID_LENGTH = 64
TEXT_LENGTH = 500


class RequestState(models.TextChoices):
    WAITING = "waiting", _("To be asked")
    ASKED = "asked", _("Asked")
    COMMITTED = "committed", _("Committed")
    GIVEN_UP = "given up", _("Given up")


class CommitmentRequest(models.Model):
    """A transaction of storage commitment: some or all instances of a study, as it was in one of its versions.

    It counts for nothing once the study has another version: what came or changed since was not asked about.
    """

    practice = models.ForeignKey(Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="+")
    remote = models.ForeignKey(
        Remote, verbose_name=_("remote"), on_delete=models.CASCADE, related_name="commitment_requests"
    )
    study = models.ForeignKey(
        "archive.Study",
        verbose_name=_("study"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="commitment_requests",
    )
    study_instance_uid = models.CharField(_("Study Instance UID"), max_length=UID_LENGTH)
    study_version = models.PositiveIntegerField(verbose_name=_("study version"), editable=False)
    part = models.PositiveSmallIntegerField(
        verbose_name=_("part"), default=0, help_text=_("Large studies are asked about in several parts.")
    )
    transaction_uid = models.CharField(_("Transaction UID"), max_length=UID_LENGTH, unique=True)
    references = models.JSONField(verbose_name=_("references"), help_text=_("Pairs of SOP Class and SOP Instance UID."))
    instances = models.PositiveIntegerField(
        verbose_name=_("instances"), help_text=_("How many instances it asks about.")
    )
    failed = models.PositiveIntegerField(
        verbose_name=_("failed"), default=0, help_text=_("How many are not kept there, as it said last.")
    )
    state = models.CharField(
        verbose_name=_("state"), max_length=10, choices=RequestState.choices, default=RequestState.WAITING
    )
    attempts = models.PositiveIntegerField(verbose_name=_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    error = models.CharField(_("what went wrong"), max_length=TEXT_LENGTH, blank=True)
    note = models.CharField(_("why it is still here"), max_length=TEXT_LENGTH, blank=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted here"), null=True, blank=True)

    objects = Administered.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("promise to keep")
        verbose_name_plural = _("promises to keep")
        constraints = [
            models.UniqueConstraint(fields=["study", "remote", "study_version", "part"], name="commitment_part_once")
        ]
        indexes = [
            models.Index(fields=["remote", "state"], name="commitment_request_remote"),
            models.Index(fields=["state", "created_at"], name="commitment_request_state"),
        ]

    def __str__(self) -> str:
        text = ngettext("%(count)s instance at %(name)s", "%(count)s instances at %(name)s", self.instances)
        return text % {"count": self.instances, "name": self.remote}
