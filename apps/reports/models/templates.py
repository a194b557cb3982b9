"""Templates of reports, each in versions: what was written with one stays with it."""

from typing import Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet

IDENTIFIER_LENGTH: Final = 200
TITLE_LENGTH: Final = 120


class ReportTemplateQuerySet(ScopedQuerySet["ReportTemplate"]):
    permission = Permission.REPORT


class ReportTemplate(models.Model):
    """A template of a practice; those without one come with the product, and stay as they are."""

    practice = models.ForeignKey(
        Practice,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="report_templates",
        verbose_name=_("practice"),
    )
    identifier = models.CharField(
        _("identifier"), max_length=IDENTIFIER_LENGTH, help_text=_("As the MRRT file says it (dcterms.identifier).")
    )
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    modalities = models.JSONField(
        _("modalities"), default=list, blank=True, help_text=_("It is proposed for studies of these.")
    )
    is_retired = models.BooleanField(_("retired"), default=False, help_text=_("No new report is written with it."))

    objects = ReportTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("report template")
        verbose_name_plural = _("report templates")
        ordering = ["title", "language", "id"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "identifier"], name="report_template_once"),
            models.UniqueConstraint(
                fields=["identifier"], condition=models.Q(practice=None), name="report_template_of_product_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TemplateVersion(models.Model):
    """A version of a template: its MRRT file as it was taken in, checked. It never changes."""

    template = models.ForeignKey(
        ReportTemplate, on_delete=models.CASCADE, related_name="versions", verbose_name=_("report template")
    )
    number = models.PositiveIntegerField(_("number"))
    source = models.TextField(_("source"), help_text=_("MRRT: HTML5 with sections and fields."))
    digest = models.CharField(_("digest"), max_length=64, help_text=_("SHA-256 of the source."))
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("made by"),
    )

    class Meta:
        verbose_name = _("version of a template")
        verbose_name_plural = _("versions of templates")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_once")]

    def __str__(self) -> str:
        return f"{self.template} {self.number}"
