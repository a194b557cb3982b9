"""What other systems call the practice's records, in the systems of identifiers that FHIR tells apart."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.scoping import ScopedQuerySet
from apps.practice.models import Appointment, Lead
from apps.worklist.models import ScheduledStep

SYSTEM_LENGTH: Final = 255
VALUE_LENGTH: Final = 128
OWNERS: Final = ("lead", "appointment", "step")


class IdentifierQuerySet(ScopedQuerySet["Identifier"]):
    """Seen like what they are of: by who may look at all of the practice."""


class Identifier(models.Model):
    """An Identifier (FHIR R4, datatypes) that another system has given to a lead, an appointment or a step.

    Theirs is the `system`, a URI; what it calls the record stands in the record's own `external_id` too.
    """

    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("practice")
    )
    lead = models.ForeignKey(
        Lead, null=True, blank=True, on_delete=models.CASCADE, related_name="fhir_identifiers", verbose_name=_("lead")
    )
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.CASCADE, related_name="fhir_identifiers",
        verbose_name=_("appointment"),
    )  # fmt: skip
    step = models.ForeignKey(
        ScheduledStep, null=True, blank=True, on_delete=models.CASCADE, related_name="fhir_identifiers",
        verbose_name=_("scheduled step"),
    )  # fmt: skip
    system = models.CharField(_("system"), max_length=SYSTEM_LENGTH, blank=True)
    value = models.CharField(_("value"), max_length=VALUE_LENGTH)

    objects = IdentifierQuerySet.as_manager()

    class Meta:
        verbose_name = _("FHIR identifier")
        verbose_name_plural = _("FHIR identifiers")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "system", "value"],
                condition=models.Q(**{f"{owner}__isnull": False}),
                name=f"fhir_identifier_of_{owner}",
            )
            for owner in OWNERS
        ]
        indexes = [models.Index(fields=["value"], name="fhir_identifier_value")]

    def __str__(self) -> str:
        return f"identifier {self.pk}"
