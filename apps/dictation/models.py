"""What was dictated, until it is fetched, and what a practice wants written for what recognisers hear."""

from typing import Final, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.principal import Caller, principal_of
from apps.accounts.scoping import ScopedQuerySet

CORRECTION_LENGTH: Final = 120
ERROR_LENGTH: Final = 500


class Mode(models.TextChoices):
    """What is listened for: commands, punctuation and names of phrases; or any words."""

    COMMANDS = "commands", _("Commands and phrases")
    TEXT = "text", _("Free text")


class State(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class DictationQuerySet(models.QuerySet["Dictation"]):
    """Rows that belong to one user, and that nobody else sees, whatever they may do."""

    def visible_to(self, who: Caller, permission: Permission | None = None) -> Self:
        principal = principal_of(who)
        return self.filter(user=principal.user_id) if principal and principal.user_id else self.none()


class Dictation(models.Model):
    """A sound that somebody has spoken, and what was heard in it.

    The sound itself is a file (`files`), which is gone as soon as it has been listened to; the row is gone after a day.
    `pieces` are those of `recognising.pieces.Piece` as JSON.
    """

    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="dictations", verbose_name=_("practice")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dictations", verbose_name=_("user")
    )
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    mode = models.CharField(_("what is listened for"), max_length=10, choices=Mode.choices)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    engine = models.CharField(_("recogniser"), max_length=20, blank=True)
    file = models.CharField(_("file"), max_length=40, blank=True, help_text=_("Empty once it has been listened to."))
    pieces = models.JSONField(_("pieces"), default=list, blank=True)
    text = models.TextField(_("text"), blank=True)
    error = models.CharField(_("what went wrong"), max_length=ERROR_LENGTH, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = DictationQuerySet.as_manager()

    class Meta:
        verbose_name = _("dictation")
        verbose_name_plural = _("dictations")
        ordering = ["-id"]
        indexes = [models.Index(fields=["created_at"], name="dictation_age")]

    def __str__(self) -> str:
        return f"{self.mode} {self.pk}"


class CorrectionQuerySet(ScopedQuerySet["Correction"]):
    permission = Permission.REPORT


class Correction(models.Model):
    """What is written in the place of what a recogniser hears: a word or a few."""

    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="dictation_corrections", verbose_name=_("practice")
    )
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    heard = models.CharField(_("heard"), max_length=CORRECTION_LENGTH)
    meant = models.CharField(_("meant"), max_length=CORRECTION_LENGTH)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction of dictations")
        verbose_name_plural = _("corrections of dictations")
        ordering = ["heard", "id"]
        constraints = [models.UniqueConstraint(fields=["practice", "language", "heard"], name="correction_heard_once")]

    def __str__(self) -> str:
        return f"{self.heard} → {self.meant}"
