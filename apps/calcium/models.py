"""Tables of how much calcium people have, that a site has imported: none comes with the software."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

NAME_LENGTH: Final = 100
CITATION_LENGTH: Final = 500
SHA256_LENGTH: Final = 64


class ReferenceTable(models.Model):
    """Of one publication: the scores that so many percent of each group don't exceed (`scoring.percentiles`)."""

    name = models.CharField(_("name"), max_length=NAME_LENGTH, unique=True)
    citation = models.CharField(
        _("citation"), max_length=CITATION_LENGTH, help_text=_("Where it was published, as it is cited.")
    )
    sha256 = models.CharField(_("SHA-256"), max_length=SHA256_LENGTH, help_text=_("Of the file it was read from."))
    groups = models.JSONField(_("groups"))
    imported_at = models.DateTimeField(_("imported at"), auto_now=True)

    class Meta:
        verbose_name = _("reference table of calcium")
        verbose_name_plural = _("reference tables of calcium")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
