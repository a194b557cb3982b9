"""Where priors are fetched from, and what became of it for each patient and day."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.principal import Caller
from apps.accounts.scoping import ScopedQuerySet
from apps.core.dates import day
from apps.jobs.models import Job
from apps.remotes.models import Remote
from apps.worklist.models import ScheduledStep

TEXT_LENGTH = 200
PERSON_LENGTH = 250
MOST_STUDIES = 20
MOST_YEARS = 30
codes = RegexValidator(r"\A[A-Z0-9_]{1,16}( [A-Z0-9_]{1,16})*\Z", "Write codes such as CT MR, separated by spaces.")


class When(models.TextChoices):
    """When an archive is asked."""

    EVENING = "evening", _("The evening before")
    CHECK_IN = "check_in", _("At check-in")
    BOTH = "both", _("The evening before and at check-in")


class Occasion(models.TextChoices):
    """What has the archives asked for a patient."""

    EVENING = "evening", _("Tomorrow's appointments")
    PLANNED = "planned", _("Planned for today")
    CHECK_IN = "check_in", _("Check-in")
    HAND = "hand", _("By hand")


class Outcome(models.TextChoices):
    """How far one archive is with one patient."""

    WAITING = "waiting", _("Waiting")
    CHOSEN = "chosen", _("Found, waiting to be fetched")
    FETCHING = "fetching", _("Being fetched")
    FETCHED = "fetched", _("Fetched")
    NOTHING = "nothing", _("Nothing to fetch")
    FAILED = "failed", _("Failed")


UNFINISHED = (Outcome.WAITING, Outcome.CHOSEN, Outcome.FETCHING)


class PrefetchSourceQuerySet(ScopedQuerySet["PrefetchSource"]):
    """Seen by who administers the practice."""

    permission = Permission.ADMINISTER


class PrefetchSource(models.Model):
    """An archive that is asked for priors; those with the lowest position come first."""

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="prefetch_sources"
    )
    remote = models.OneToOneField(
        Remote, verbose_name=_("remote"), on_delete=models.CASCADE, related_name="prefetch_source"
    )
    is_active = models.BooleanField(_("switched on"), default=True)
    position = models.PositiveSmallIntegerField(
        verbose_name=_("position"), default=0, help_text=_("The archive with the lowest one goes first.")
    )
    when = models.CharField(verbose_name=_("when"), max_length=10, choices=When.choices, default=When.BOTH)
    modalities = models.CharField(
        verbose_name=_("modalities"),
        max_length=TEXT_LENGTH,
        blank=True,
        validators=[codes],
        help_text=_("Only studies with one of these, such as CT MR. Left empty: all."),
    )
    body_parts = models.CharField(
        verbose_name=_("body parts"),
        max_length=TEXT_LENGTH,
        blank=True,
        help_text=_(
            "Words of descriptions, such as knee jaw: studies with one come before others. "
            "The words of the appointment's own description count too."
        ),
    )
    most_studies = models.PositiveSmallIntegerField(
        _("studies at most"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_STUDIES)],
        help_text=_("For one patient."),
    )
    most_instances = models.PositiveIntegerField(
        _("instances at most"),
        default=3000,
        validators=[MinValueValidator(1)],
        help_text=_("For one patient; a study that goes beyond is left out, where the archive tells how many it has."),
    )
    years = models.PositiveSmallIntegerField(
        _("years back"), default=5, validators=[MinValueValidator(1), MaxValueValidator(MOST_YEARS)]
    )
    # Not asked before then: it could not be reached.
    rests_until = models.DateTimeField(verbose_name=_("rests until"), null=True, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(verbose_name=_("failures"), default=0, editable=False)

    objects = PrefetchSourceQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("source of priors")
        verbose_name_plural = _("sources of priors")

    def __str__(self) -> str:
        return str(self.remote)


class PrefetchQuerySet(ScopedQuerySet["Prefetch"]):
    """Seen by who may fetch for the whole practice and look at all of it: the rows name patients."""

    permission = Permission.FETCH

    def visible_to(self, who: Caller, permission: Permission | None = None) -> Self:
        return super().visible_to(who, permission) & super().visible_to(who, Permission.VIEW)


class Prefetch(models.Model):
    """A patient who is expected on a day, and what their priors are chosen by."""

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="prefetches"
    )
    day = models.DateField(verbose_name=_("day"))
    patient_id = models.CharField(_("Patient ID"), max_length=PERSON_LENGTH)
    issuer = models.CharField(verbose_name=_("issuer"), max_length=PERSON_LENGTH, blank=True)
    patient_name = models.CharField(verbose_name=_("patient name"), max_length=PERSON_LENGTH, blank=True)
    patient_birth_date = models.CharField(verbose_name=_("patient birth date"), max_length=8, blank=True)
    step = models.ForeignKey(
        ScheduledStep,
        verbose_name=_("step"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="prefetches",
        help_text=_("The first appointment of the patient on that day."),
    )
    modalities = models.CharField(
        verbose_name=_("modalities"), max_length=TEXT_LENGTH, blank=True, help_text=_("Those that are planned.")
    )
    words = models.CharField(
        verbose_name=_("words"), max_length=TEXT_LENGTH, blank=True, help_text=_("Of what is planned.")
    )
    occasion = models.CharField(verbose_name=_("occasion"), max_length=10, choices=Occasion.choices)
    created_at = models.DateTimeField(verbose_name=_("created at"), default=timezone.now)

    objects = PrefetchQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "-pk"]
        verbose_name = _("prefetch of priors")
        verbose_name_plural = _("prefetched priors")
        constraints = [
            models.UniqueConstraint(fields=["practice", "day", "patient_id", "issuer"], name="prefetch_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.patient_id} · {day(self.day)}"


class PrefetchAnswer(models.Model):
    """One archive's part in it: what it was asked, what it answered, and what was fetched."""

    prefetch = models.ForeignKey(Prefetch, verbose_name=_("prefetch"), on_delete=models.CASCADE, related_name="answers")
    source = models.ForeignKey(
        PrefetchSource, verbose_name=_("source"), on_delete=models.CASCADE, related_name="answers"
    )
    outcome = models.CharField(
        verbose_name=_("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.WAITING
    )
    is_urgent = models.BooleanField(verbose_name=_("is urgent"), default=False, help_text=_("The patient is here."))
    not_before = models.DateTimeField(verbose_name=_("not before"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(verbose_name=_("attempts"), default=0)
    asked_at = models.DateTimeField(verbose_name=_("asked at"), null=True, blank=True)
    found = models.PositiveIntegerField(
        verbose_name=_("found"), default=0, help_text=_("Studies that the archive has of this Patient ID.")
    )
    differing = models.PositiveIntegerField(
        verbose_name=_("differing"), default=0, help_text=_("Of these, whose name or birth date differs.")
    )
    here = models.PositiveIntegerField(verbose_name=_("here"), default=0, help_text=_("Of these, here already."))
    left_out = models.PositiveIntegerField(
        verbose_name=_("left out"), default=0, help_text=_("Of these, not relevant or beyond the limits.")
    )
    studies = models.JSONField(
        verbose_name=_("studies"), default=list, blank=True, help_text=_("Study Instance UIDs of what is fetched.")
    )
    job = models.ForeignKey(
        Job, verbose_name=_("job"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    detail = models.CharField(
        verbose_name=_("detail"), max_length=TEXT_LENGTH * 2, blank=True, help_text=_("What went wrong, for people.")
    )
    changed_at = models.DateTimeField(verbose_name=_("changed at"), default=timezone.now)

    class Meta:
        ordering = ["source__position", "pk"]
        constraints = [models.UniqueConstraint(fields=["prefetch", "source"], name="prefetch_answer_once")]
        indexes = [models.Index(fields=["source", "outcome", "-is_urgent", "not_before"], name="prefetch_next")]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.get_outcome_display()}"
