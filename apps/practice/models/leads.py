"""Leads: the practice's own record of a person, whether they have come yet or not."""

from datetime import date
from typing import Any, Final, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import TEXT_LENGTH
from apps.worklist.models import Sex

ID_LENGTH: Final = 64
NAME_LENGTH: Final = 64
TITLE_LENGTH: Final = 32
SYSTEM_LENGTH: Final = 16
LANGUAGE_LENGTH: Final = 35
KEY_LENGTH: Final = 40
NAMES_LENGTH: Final = 500
# A component group of a name (PS3.5 6.2, PN).
GROUP_LENGTH: Final = 64

# Secretaries and technologists have it: who may bring images in may say whose they will be.
KEEPING: Final = Permission.UPLOAD


class LeadStatus(models.TextChoices):
    """How far the practice and the person have come."""

    LEAD = "lead", _("Lead")
    PATIENT = "patient", _("Patient")
    INACTIVE = "inactive", _("Inactive")


class NameUse(models.TextChoices):
    """What another name of a person is."""

    MAIDEN = "maiden", _("Name before marriage")
    ALIAS = "alias", _("Also known as")
    IDEOGRAPHIC = "ideographic", _("Ideographic")
    PHONETIC = "phonetic", _("Phonetic")


class LeadQuerySet(ScopedQuerySet["Lead"]):
    """Seen by who may look at all of the practice; kept by who may store in all of it (`KEEPING`)."""

    def alive(self) -> Self:
        """Those that nobody has taken away."""
        return self.filter(deleted_at=None)


class Lead(models.Model):
    """One person as the practice knows them. `apps.practice.leads.people` writes it.

    JSON lists: `other_names` of {family, given, use}, `phones` and `emails` of texts, `addresses` of {line, city,
    postcode, region, country}, `identifiers` of {value, issuer}, `consents` of {kind, given, at, note}.
    """

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="leads", db_index=False
    )
    external_id = models.CharField(
        _("ID elsewhere"),
        max_length=ID_LENGTH,
        blank=True,
        help_text=_("What the practice's software calls this person."),
    )
    status = models.CharField(
        verbose_name=_("status"), max_length=8, choices=LeadStatus.choices, default=LeadStatus.LEAD
    )

    family_name = models.CharField(verbose_name=_("family name"), max_length=NAME_LENGTH, blank=True)
    given_name = models.CharField(verbose_name=_("given name"), max_length=NAME_LENGTH, blank=True)
    middle_name = models.CharField(verbose_name=_("middle name"), max_length=NAME_LENGTH, blank=True)
    prefix = models.CharField(verbose_name=_("prefix"), max_length=TITLE_LENGTH, blank=True)
    suffix = models.CharField(verbose_name=_("suffix"), max_length=TITLE_LENGTH, blank=True)
    other_names = models.JSONField(verbose_name=_("other names"), default=list, blank=True)
    name_key = models.CharField(
        verbose_name=_("name key"),
        max_length=NAMES_LENGTH,
        blank=True,
        editable=False,
        help_text=_("All names, folded, with a space between words."),
    )
    birth_date = models.DateField(verbose_name=_("birth date"), null=True, blank=True)
    sex = models.CharField(verbose_name=_("sex"), max_length=1, blank=True, choices=Sex.choices)

    phones = models.JSONField(verbose_name=_("phones"), default=list, blank=True)
    emails = models.JSONField(_("e-mail addresses"), default=list, blank=True)
    addresses = models.JSONField(verbose_name=_("addresses"), default=list, blank=True)
    preferred_language = models.CharField(
        verbose_name=_("preferred language"),
        max_length=LANGUAGE_LENGTH,
        blank=True,
        help_text=_("Such as fr or pt-BR."),
    )

    health_number = models.CharField(_("health-insurance number"), max_length=ID_LENGTH, blank=True)
    health_number_system = models.CharField(
        verbose_name=_("health number system"),
        max_length=SYSTEM_LENGTH,
        blank=True,
        help_text=_("Whose number it is, such as RAMQ, NHS or AVS."),
    )
    patient_id = models.CharField(
        _("patient ID"),
        max_length=ID_LENGTH,
        blank=True,
        help_text=_("What this person has in the practice's devices."),
    )
    identifiers = models.JSONField(verbose_name=_("identifiers"), default=list, blank=True)
    consents = models.JSONField(verbose_name=_("consents"), default=list, blank=True)

    version = models.PositiveIntegerField(verbose_name=_("version"), default=1, editable=False)
    source = models.CharField(
        verbose_name=_("source"), max_length=TEXT_LENGTH, blank=True, help_text=_("How it came to be known.")
    )
    created_at = models.DateTimeField(verbose_name=_("created at"), default=timezone.now)
    changed_at = models.DateTimeField(verbose_name=_("changed at"), default=timezone.now)
    deleted_at = models.DateTimeField(verbose_name=_("deleted at"), null=True, blank=True)
    erased_at = models.DateTimeField(
        verbose_name=_("erased at"), null=True, blank=True, help_text=_("When all that was said of them was removed.")
    )

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ["name_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "external_id"],
                name="lead_external_once",
                condition=~models.Q(external_id=""),
                violation_error_message=_("This practice has a lead of this ID already."),
            ),
            models.UniqueConstraint(
                fields=["practice", "patient_id"],
                name="lead_patient_id_once",
                condition=~models.Q(patient_id=""),
                violation_error_message=_("This practice has a lead of this patient ID already."),
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "name_key"], name="lead_name"),
            models.Index(fields=["practice", "changed_at"], name="lead_changed"),
            models.Index(fields=["practice", "birth_date"], name="lead_born"),
            models.Index(fields=["practice", "health_number"], name="lead_health_number"),
        ]

    def __str__(self) -> str:
        names = (self.family_name, " ".join(filter(None, (self.given_name, self.middle_name))))
        return ", ".join(filter(None, names)) or f"Lead {self.pk}"

    @property
    def dicom_patient_id(self) -> str:
        """The Patient ID that this person's pictures and worklist items carry."""
        return str(self.patient_id or self.external_id or f"L{self.pk}")

    @property
    def dicom_name(self) -> str:
        """The name as PN (PS3.5 6.2), with the ideographic and phonetic groups where they are known."""
        own = (self.family_name, self.given_name, self.middle_name, self.prefix, self.suffix)
        groups = [_group(*own), self._group_of(NameUse.IDEOGRAPHIC), self._group_of(NameUse.PHONETIC)]
        return "=".join(groups).rstrip("=")

    @property
    def dicom_birth_date(self) -> str:
        """The birth date as DA (PS3.5 6.2); empty where it is not known."""
        return self.birth_date.isoformat().replace("-", "") if isinstance(self.birth_date, date) else ""

    def _group_of(self, use: NameUse) -> str:
        named: Any = next((each for each in self.other_names if each.get("use") == use), {})
        return _group(named.get("family", ""), named.get("given", ""))


class LeadKeyQuerySet(ScopedQuerySet["LeadKey"]):
    """Seen like the leads."""


class LeadKey(models.Model):
    """What a lead is looked up by: the keys of matching (`apps.practice.matching.blocking`), written with the lead."""

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    lead = models.ForeignKey(Lead, verbose_name=_("lead"), on_delete=models.CASCADE, related_name="keys")
    key = models.CharField(verbose_name=_("key"), max_length=KEY_LENGTH)

    objects = LeadKeyQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["practice", "key"], name="lead_key")]

    def __str__(self) -> str:
        return f"a key of lead {self.lead_id}"


def _group(*parts: str) -> str:
    return "^".join(parts).rstrip("^")[:GROUP_LENGTH].rstrip("^")
