"""How a practice's reports look on paper."""

from typing import Final

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet

LINES_LENGTH: Final = 500


class LetterheadQuerySet(ScopedQuerySet["Letterhead"]):
    permission = Permission.ADMINISTER


class Letterhead(models.Model):
    """The head and the foot of a practice's reports."""

    practice = models.OneToOneField(
        Practice, on_delete=models.CASCADE, related_name="letterhead", verbose_name=_("practice")
    )
    name = models.CharField(_("name"), max_length=120, blank=True, help_text=_("Empty: the practice's."))
    address = models.TextField(_("address"), max_length=LINES_LENGTH, blank=True)
    contact = models.TextField(_("contact"), max_length=LINES_LENGTH, blank=True, help_text=_("Telephone, e-mail, …"))
    footer = models.TextField(_("footer"), max_length=LINES_LENGTH, blank=True)
    logo = models.BinaryField(_("logo"), null=True, blank=True, editable=True, help_text=_("PNG or JPEG."))
    colour = models.CharField(
        _("colour"), max_length=7, default="#1f4e79", validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$")]
    )

    objects = LetterheadQuerySet.as_manager()

    class Meta:
        verbose_name = _("letterhead")
        verbose_name_plural = _("letterheads")

    def __str__(self) -> str:
        return self.name or str(self.practice)
