"""Signatures of reports, who signs with which credentials, and what practices seal their PDFs with."""

from typing import Any, Final, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import TEXT_LENGTH, UID_LENGTH
from apps.archive.querysets import StudyScoped
from apps.core.errors import Conflict
from apps.reports.models.reports import Report
from apps.saying import say

# Of a signature this alone is written later: what has become of it.
LATER: Final = frozenset({"pdf_digest", "stored_at", "distributed_at"})
FOR_EVER: Final = say("What was signed can't be changed or removed. Amend the report instead.")


class SignatureQuerySet(StudyScoped["Signature"]):
    practice_path = "report__study__practice"
    study_path = "report__study__"

    def update(self, **kwargs: Any) -> int:
        """Raises Conflict for what was signed."""
        if not LATER.issuperset(kwargs):
            raise Conflict(FOR_EVER)
        return super().update(**kwargs)

    def delete(self) -> NoReturn:
        """Raises Conflict."""
        raise Conflict(FOR_EVER)


class Signature(models.Model):
    """One signing of a report: the document as it was then, for ever. The first makes it final, each later one amends.

    `document` is `apps.reports.content.document.Document` as JSON, `digest` its SHA-256. `verification` is the secret
    part of the address at which anybody who holds the paper can check it. The UIDs name what was stored of it; they are
    there before it is, and `stored_at` says that it is.
    """

    report = models.ForeignKey(
        Report, on_delete=models.PROTECT, related_name="signatures", db_index=False, verbose_name=_("report")
    )
    number = models.PositiveIntegerField(_("number"))
    document = models.JSONField(_("document"))
    digest = models.CharField(_("digest"), max_length=64)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("signed by")
    )
    name = models.CharField(_("name"), max_length=TEXT_LENGTH, help_text=_("As DICOM writes names."))
    credentials = models.CharField(_("credentials"), max_length=TEXT_LENGTH, blank=True)
    reason = models.CharField(_("reason for the amendment"), max_length=TEXT_LENGTH, blank=True)
    signed_at = models.DateTimeField(_("signed at"))
    verification = models.CharField(_("verification"), max_length=64, unique=True)
    pdf_series_uid = models.CharField(_("Series Instance UID of the PDF"), max_length=UID_LENGTH)
    pdf_instance_uid = models.CharField(_("SOP Instance UID of the PDF"), max_length=UID_LENGTH)
    sr_series_uid = models.CharField(_("Series Instance UID of the structured report"), max_length=UID_LENGTH)
    sr_instance_uid = models.CharField(_("SOP Instance UID of the structured report"), max_length=UID_LENGTH)
    pdf_digest = models.CharField(_("SHA-256 of the PDF"), max_length=64, blank=True)
    stored_at = models.DateTimeField(_("stored at"), null=True, blank=True)
    distributed_at = models.DateTimeField(_("distributed at"), null=True, blank=True)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="signature_once")]

    def __str__(self) -> str:
        return f"{self.report_id}/{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises Conflict for what was signed."""
        is_kept = not self._state.adding
        if is_kept and not LATER.issuperset(kwargs.get("update_fields") or ("everything",)):
            raise Conflict(FOR_EVER)
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Raises Conflict."""
        raise Conflict(FOR_EVER)


class Signatory(models.Model):
    """What stands below a user's signature beside their name."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="signatory", verbose_name=_("user")
    )
    credentials = models.CharField(
        _("credentials"), max_length=TEXT_LENGTH, blank=True, help_text=_("Such as: MD, consultant radiologist.")
    )
    registration = models.CharField(_("registration number"), max_length=TEXT_LENGTH, blank=True)

    class Meta:
        verbose_name = _("signatory")
        verbose_name_plural = _("signatories")

    def __str__(self) -> str:
        return str(self.user)


class SigningCertificateQuerySet(ScopedQuerySet["SigningCertificate"]):
    permission = Permission.ADMINISTER


class SigningCertificate(models.Model):
    """What a practice's PDFs are sealed with: a certificate (X.509) with its chain, and the key, which this site alone
    can read. The newest active one is used."""

    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="signing_certificates", verbose_name=_("practice")
    )
    chain = models.TextField(_("certificate"), help_text=_("PEM; the practice's own first, then who signed it."))
    key = models.TextField(_("key"), help_text=_("Sealed."))
    subject = models.CharField(_("subject"), max_length=TEXT_LENGTH)
    fingerprint = models.CharField(_("fingerprint"), max_length=64, help_text=_("SHA-256"))
    valid_until = models.DateTimeField(_("valid until"))
    is_self_signed = models.BooleanField(_("self-signed"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = SigningCertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("signing certificate")
        verbose_name_plural = _("signing certificates")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.subject
