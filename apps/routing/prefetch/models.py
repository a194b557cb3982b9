"""Where priors are fetched from, and what became of it for each patient and day."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.principal import Caller
from apps.accounts.scoping import ScopedQuerySet
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

    EVENING = "evening", "The evening before"
    CHECK_IN = "check_in", "At check-in"
    BOTH = "both", "The evening before and at check-in"


class Occasion(models.TextChoices):
    """What has the archives asked for a patient."""

    EVENING = "evening", "Tomorrow's appointments"
    PLANNED = "planned", "Planned for today"
    CHECK_IN = "check_in", "Check-in"
    HAND = "hand", "By hand"


class Outcome(models.TextChoices):
    """How far one archive is with one patient."""

    WAITING = "waiting", "Waiting"
    CHOSEN = "chosen", "Found, waiting to be fetched"
    FETCHING = "fetching", "Being fetched"
    FETCHED = "fetched", "Fetched"
    NOTHING = "nothing", "Nothing to fetch"
    FAILED = "failed", "Failed"


UNFINISHED = (Outcome.WAITING, Outcome.CHOSEN, Outcome.FETCHING)


class PrefetchSourceQuerySet(ScopedQuerySet["PrefetchSource"]):
    """Seen by who administers the practice."""

    permission = Permission.ADMINISTER


class PrefetchSource(models.Model):
    """An archive that is asked for priors; those with the lowest position come first."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="prefetch_sources")
    remote = models.OneToOneField(Remote, on_delete=models.CASCADE, related_name="prefetch_source")
    is_active = models.BooleanField("switched on", default=True)
    position = models.PositiveSmallIntegerField(default=0, help_text="The archive with the lowest one goes first.")
    when = models.CharField(max_length=10, choices=When.choices, default=When.BOTH)
    modalities = models.CharField(
        max_length=TEXT_LENGTH, blank=True, validators=[codes],
        help_text="Only studies with one of these, such as CT MR. Left empty: all.",
    )  # fmt: skip
    body_parts = models.CharField(
        max_length=TEXT_LENGTH, blank=True,
        help_text="Words of descriptions, such as knee jaw: studies with one come before others. "
        "The words of the appointment's own description count too.",
    )  # fmt: skip
    most_studies = models.PositiveSmallIntegerField(
        "studies at most", default=5, validators=[MinValueValidator(1), MaxValueValidator(MOST_STUDIES)],
        help_text="For one patient.",
    )  # fmt: skip
    most_instances = models.PositiveIntegerField(
        "instances at most", default=3000, validators=[MinValueValidator(1)],
        help_text="For one patient; a study that goes beyond is left out, where the archive tells how many it has.",
    )  # fmt: skip
    years = models.PositiveSmallIntegerField(
        "years back", default=5, validators=[MinValueValidator(1), MaxValueValidator(MOST_YEARS)]
    )
    # Not asked before then: it could not be reached.
    rests_until = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = PrefetchSourceQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = "source of priors"
        verbose_name_plural = "sources of priors"

    def __str__(self) -> str:
        return str(self.remote)


class PrefetchQuerySet(ScopedQuerySet["Prefetch"]):
    """Seen by who may fetch for the whole practice and look at all of it: the rows name patients."""

    permission = Permission.FETCH

    def visible_to(self, who: Caller, permission: Permission | None = None) -> Self:
        return super().visible_to(who, permission) & super().visible_to(who, Permission.VIEW)


class Prefetch(models.Model):
    """A patient who is expected on a day, and what their priors are chosen by."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="prefetches")
    day = models.DateField()
    patient_id = models.CharField("Patient ID", max_length=PERSON_LENGTH)
    issuer = models.CharField(max_length=PERSON_LENGTH, blank=True)
    patient_name = models.CharField(max_length=PERSON_LENGTH, blank=True)
    patient_birth_date = models.CharField(max_length=8, blank=True)
    step = models.ForeignKey(
        ScheduledStep, null=True, blank=True, on_delete=models.SET_NULL, related_name="prefetches",
        help_text="The first appointment of the patient on that day.",
    )  # fmt: skip
    modalities = models.CharField(max_length=TEXT_LENGTH, blank=True, help_text="Those that are planned.")
    words = models.CharField(max_length=TEXT_LENGTH, blank=True, help_text="Of what is planned.")
    occasion = models.CharField(max_length=10, choices=Occasion.choices)
    created_at = models.DateTimeField(default=timezone.now)

    objects = PrefetchQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "-pk"]
        verbose_name = "prefetch of priors"
        verbose_name_plural = "prefetched priors"
        constraints = [
            models.UniqueConstraint(fields=["practice", "day", "patient_id", "issuer"], name="prefetch_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.patient_id} on {self.day:%Y-%m-%d}"


class PrefetchAnswer(models.Model):
    """One archive's part in it: what it was asked, what it answered, and what was fetched."""

    prefetch = models.ForeignKey(Prefetch, on_delete=models.CASCADE, related_name="answers")
    source = models.ForeignKey(PrefetchSource, on_delete=models.CASCADE, related_name="answers")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.WAITING)
    is_urgent = models.BooleanField(default=False, help_text="The patient is here.")
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(null=True, blank=True)
    found = models.PositiveIntegerField(default=0, help_text="Studies that the archive has of this Patient ID.")
    differing = models.PositiveIntegerField(default=0, help_text="Of these, whose name or birth date differs.")
    here = models.PositiveIntegerField(default=0, help_text="Of these, here already.")
    left_out = models.PositiveIntegerField(default=0, help_text="Of these, not relevant or beyond the limits.")
    studies = models.JSONField(default=list, blank=True, help_text="Study Instance UIDs of what is fetched.")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    detail = models.CharField(max_length=TEXT_LENGTH * 2, blank=True, help_text="What went wrong, for people.")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["source__position", "pk"]
        constraints = [models.UniqueConstraint(fields=["prefetch", "source"], name="prefetch_answer_once")]
        indexes = [models.Index(fields=["source", "outcome", "-is_urgent", "not_before"], name="prefetch_next")]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.get_outcome_display()}"
