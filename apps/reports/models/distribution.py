"""Where signed reports go by themselves, beside what routing rules and webhooks do."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet


class DistributionQuerySet(ScopedQuerySet["Distribution"]):
    permission = Permission.ADMINISTER


class Distribution(models.Model):
    """Who is sent a link to a practice's reports when they are signed. The link is a share of the study, which ends
    by itself; the mail names no patient."""

    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="report_distributions", verbose_name=_("practice")
    )
    email = models.EmailField(_("e-mail"))
    referring_physician = models.CharField(
        _("referring physician"),
        max_length=250,
        blank=True,
        help_text=_("Only of studies that they have referred; as DICOM writes the name. Empty: of all."),
    )
    days = models.PositiveIntegerField(_("days"), default=30, help_text=_("For which the link opens."))
    is_active = models.BooleanField(_("active"), default=True)

    objects = DistributionQuerySet.as_manager()

    class Meta:
        verbose_name = _("distribution of reports")
        verbose_name_plural = _("distributions of reports")
        ordering = ["email", "id"]

    def __str__(self) -> str:
        return self.email
