"""Resumable uploads: files that come in as many pieces as the network makes of them."""

import secrets

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet
from apps.jobs.models import Job

KEY_LENGTH = 32
NAME_LENGTH = 255
PURPOSE_LENGTH = 20
ERROR_LENGTH = 300


def new_key() -> str:
    """What an upload is called outside: nobody can guess it."""
    return secrets.token_hex(KEY_LENGTH // 2)


class UploadQuerySet(ScopedQuerySet["Upload"]):
    """Seen by who may store in all of the practice."""

    permission = Permission.UPLOAD

    def open(self) -> "UploadQuerySet":
        """Those that no job has taken over: they wait for bytes, or for what becomes of them."""
        return self.filter(job=None)


class Upload(models.Model):
    """A file that is coming in. `received` never is more than what is safe on the disk (tus calls it Upload-Offset).

    A job takes over what is complete; the row goes with the job's.
    """

    key = models.CharField(max_length=KEY_LENGTH, unique=True, default=new_key, editable=False)
    # What begins with the practice serves as the index of the key.
    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="uploads", db_index=False, verbose_name=_("practice")
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("from"))
    purpose = models.CharField(_("purpose"), max_length=PURPOSE_LENGTH, help_text=_("What is to become of it."))
    name = models.CharField(_("file"), max_length=NAME_LENGTH, help_text=_("As its sender calls it."))
    metadata = models.TextField(blank=True, editable=False, help_text=_("As it was sent (Upload-Metadata)."))
    length = models.BigIntegerField(_("size"), help_text=_("Bytes."))
    received = models.BigIntegerField(_("received"), default=0, help_text=_("Bytes that are safe."))
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    expires_at = models.DateTimeField(_("waits until"), db_index=True)
    job = models.OneToOneField(
        Job, null=True, blank=True, on_delete=models.CASCADE, related_name="upload", verbose_name=_("job")
    )
    error = models.CharField(
        _("error"), max_length=ERROR_LENGTH, blank=True, help_text=_("Why nothing could become of it.")
    )

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(received__gte=0, received__lte=F("length")), name="upload_within")
        ]
        indexes = [
            models.Index(fields=["practice", "-id"], name="upload_newest"),
            models.Index(fields=["practice"], condition=Q(job=None), name="upload_open"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_complete(self) -> bool:
        """Whether all of its bytes are here."""
        return self.received == self.length

    @property
    def is_expired(self) -> bool:
        """Whether it has waited for the rest of its bytes longer than it may."""
        return not self.is_complete and self.expires_at <= timezone.now()

    @property
    def percent(self) -> int:
        return 100 * self.received // self.length if self.length else 100
