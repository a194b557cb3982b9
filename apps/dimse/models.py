"""Requests for storage commitment (PS3.4 J), until whoever asked has been told the outcome."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.models import Practice
from apps.remotes.models import AE_TITLE_LENGTH, Administered, Remote

UID_LENGTH = 64
TEXT_LENGTH = 500


class CommitmentState(models.TextChoices):
    WAITING = "waiting", _("To be told")
    TOLD = "told", _("Told")
    GIVEN_UP = "given up", _("Given up")


class Commitment(models.Model):
    """A request to say which of these instances are kept here safely.

    They are looked up again each time that the remote is to be told: what it is told is so at that moment.
    """

    remote = models.ForeignKey(Remote, verbose_name=_("remote"), on_delete=models.CASCADE, related_name="commitments")
    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="commitments"
    )
    called = models.CharField(
        _("AE title"),
        max_length=AE_TITLE_LENGTH,
        help_text=_("Which of this server's the remote called; it is called by it."),
    )
    transaction_uid = models.CharField(_("Transaction UID"), max_length=UID_LENGTH)
    references = models.JSONField(
        verbose_name=_("references"), help_text=_("The instances asked about: pairs of SOP Class and SOP Instance UID.")
    )
    instances = models.PositiveIntegerField(
        verbose_name=_("instances"), help_text=_("How many instances it asks about.")
    )
    failed = models.PositiveIntegerField(
        verbose_name=_("failed"),
        null=True,
        blank=True,
        help_text=_("How many of them are not kept here, at the last look."),
    )
    state = models.CharField(
        verbose_name=_("state"), max_length=10, choices=CommitmentState.choices, default=CommitmentState.WAITING
    )
    attempts = models.PositiveIntegerField(
        verbose_name=_("attempts"), default=0, help_text=_("How often the remote was called to be told.")
    )
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    error = models.CharField(_("what went wrong"), max_length=TEXT_LENGTH, blank=True)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    told_at = models.DateTimeField(_("told"), null=True, blank=True)

    objects = Administered.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("storage commitment")
        verbose_name_plural = _("storage commitments")
        constraints = [models.UniqueConstraint(fields=["remote", "transaction_uid"], name="commitment_once")]
        indexes = [models.Index(fields=["state", "asked_at"], name="commitment_state")]

    def __str__(self) -> str:
        text = ngettext("%(count)s instance for %(name)s", "%(count)s instances for %(name)s", self.instances)
        return text % {"count": self.instances, "name": self.remote}
