"""Matches: whose a study is among the practice's leads, how that is known, and what has been decided about it."""

from typing import Final

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import TEXT_LENGTH, Patient, Study
from apps.practice.models.leads import KEY_LENGTH, Lead

DIGEST_LENGTH: Final = 32

# Secretaries have it: who may say that two patients are one may say whose images these are.
DECIDING: Final = Permission.MERGE


class MatchState(models.TextChoices):
    """How far a study is on its way to a lead."""

    PENDING = "pending", _("Not looked at yet")
    LINKED = "linked", _("Linked")
    REVIEW = "review", _("Needs review")
    NO_LEAD = "no_lead", _("No lead")


class How(models.TextChoices):
    """What says so."""

    MACHINE = "machine", _("The images' patient")
    APPOINTMENT = "appointment", _("Its appointment")
    DECLARED = "declared", _("Whoever sent it")
    PERSON = "person", _("A person")


# What the server found out, which it may find out anew; the others stand until a person takes them back.
BY_SERVER: Final = (How.MACHINE, How.APPOINTMENT)


class Verdict(models.TextChoices):
    """What was decided."""

    LINK = "link", _("It is this lead's")
    UNLINK = "unlink", _("It may be another one's")
    REJECT = "reject", _("It is not this lead's")
    NO_LEAD = "no_lead", _("It is no lead's")
    LOOKED = "looked", _("The server has looked")


class MatchQuerySet(ScopedQuerySet["Match"]):
    """Seen by who may look at all of the practice; decided by who may merge in all of it (`DECIDING`)."""


class Match(models.Model):
    """Whose a study is, as it stands: what the last standing decision of a person says, else what the server found.

    `explanation` has an item for each field that was compared, without what is in it: {field, level, bits, words};
    `notes` are reasons in words. `apps.practice.linking` writes it.
    """

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    study = models.OneToOneField(Study, verbose_name=_("study"), on_delete=models.CASCADE, related_name="match")
    lead = models.ForeignKey(
        Lead, verbose_name=_("lead"), null=True, blank=True, on_delete=models.SET_NULL, related_name="matches"
    )
    state = models.CharField(
        verbose_name=_("state"), max_length=8, choices=MatchState.choices, default=MatchState.PENDING
    )
    how = models.CharField(verbose_name=_("how"), max_length=11, choices=How.choices, default=How.MACHINE)
    score = models.FloatField(
        verbose_name=_("score"), null=True, blank=True, help_text=_("Bits of evidence for the lead.")
    )
    probability = models.FloatField(verbose_name=_("probability"), null=True, blank=True)
    explanation = models.JSONField(verbose_name=_("explanation"), default=list, blank=True)
    notes = models.JSONField(verbose_name=_("notes"), default=list, blank=True)
    weights = models.PositiveIntegerField(
        verbose_name=_("weights"), default=0, help_text=_("The version of the weights; 0 for those that ship.")
    )
    demographics = models.CharField(
        verbose_name=_("demographics"),
        max_length=DIGEST_LENGTH,
        blank=True,
        editable=False,
        help_text=_("Hash of whom the images show."),
    )
    decided_by = models.ForeignKey(
        User, verbose_name=_("decided by"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(verbose_name=_("decided at"), null=True, blank=True)
    version = models.PositiveIntegerField(verbose_name=_("version"), default=0, editable=False)
    created_at = models.DateTimeField(verbose_name=_("created at"), default=timezone.now)
    changed_at = models.DateTimeField(verbose_name=_("changed at"), default=timezone.now)

    objects = MatchQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        verbose_name = _("match")
        verbose_name_plural = _("matches to review")
        indexes = [
            models.Index(fields=["practice", "state", "-changed_at", "-id"], name="match_queue"),
            models.Index(fields=["practice", "-changed_at", "-id"], name="match_newest"),
        ]

    def __str__(self) -> str:
        return gettext("Match %(number)s") % {"number": self.pk}


class Candidate(models.Model):
    """A lead whose the study may be, as the server last found; the first is the likeliest."""

    match = models.ForeignKey(
        Match, verbose_name=_("match"), on_delete=models.CASCADE, related_name="candidates", db_index=False
    )
    lead = models.ForeignKey(Lead, verbose_name=_("lead"), on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField(verbose_name=_("rank"))
    score = models.FloatField(verbose_name=_("score"))
    probability = models.FloatField(verbose_name=_("probability"), default=0.0)
    explanation = models.JSONField(verbose_name=_("explanation"), default=list)
    notes = models.JSONField(
        verbose_name=_("notes"), default=list, help_text=_("What speaks for and against it, in words.")
    )
    is_doubtful = models.BooleanField(
        verbose_name=_("is doubtful"), default=False, help_text=_("Something says that it is somebody else.")
    )

    class Meta:
        ordering = ["match", "rank"]
        constraints = [models.UniqueConstraint(fields=["match", "rank"], name="candidate_rank_once")]

    def __str__(self) -> str:
        return f"candidate {self.rank} of match {self.match_id}"


class MatchDecision(models.Model):
    """What was once decided about a study, and by whom; undone ones are kept."""

    match = models.ForeignKey(Match, verbose_name=_("match"), on_delete=models.CASCADE, related_name="decisions")
    verdict = models.CharField(verbose_name=_("verdict"), max_length=7, choices=Verdict.choices)
    state = models.CharField(
        verbose_name=_("state"), max_length=8, choices=MatchState.choices, help_text=_("What the match was then.")
    )
    lead = models.ForeignKey(
        Lead, verbose_name=_("lead"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    how = models.CharField(verbose_name=_("how"), max_length=11, choices=How.choices)
    by = models.CharField(
        verbose_name=_("by"), max_length=150, blank=True, help_text=_("User name, or the part of the server.")
    )
    user = models.ForeignKey(
        User, verbose_name=_("user"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reason = models.CharField(verbose_name=_("reason"), max_length=TEXT_LENGTH, blank=True)
    score = models.FloatField(verbose_name=_("score"), null=True, blank=True)
    explanation = models.JSONField(verbose_name=_("explanation"), default=list, blank=True)
    weights = models.PositiveIntegerField(verbose_name=_("weights"), default=0)
    demographics = models.CharField(
        verbose_name=_("demographics"),
        max_length=DIGEST_LENGTH,
        blank=True,
        help_text=_("Hash of whom the images showed."),
    )
    follows = models.ForeignKey(
        "self",
        verbose_name=_("follows"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="followers",
        help_text=_("The decision about another study of the same patient that this one was taken over from."),
    )
    at = models.DateTimeField(verbose_name=_("at"), default=timezone.now)
    undone_at = models.DateTimeField(verbose_name=_("undone at"), null=True, blank=True)
    undone_by = models.CharField(verbose_name=_("undone by"), max_length=150, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} ({self.by})"


class Rejection(models.Model):
    """A patient of the images who is not this lead, as a person has said."""

    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    lead = models.ForeignKey(Lead, verbose_name=_("lead"), on_delete=models.CASCADE, related_name="+")
    # It is remembered though the study where it was said is deleted.
    decision = models.ForeignKey(
        MatchDecision, verbose_name=_("decision"), null=True, on_delete=models.SET_NULL, related_name="rejections"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "lead"], name="rejection_once")]

    def __str__(self) -> str:
        return f"patient {self.patient_id} is not lead {self.lead_id}"


class PatientKey(models.Model):
    """What a patient of the images is looked up by when a lead is new or changes: the same keys as a lead's."""

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    key = models.CharField(verbose_name=_("key"), max_length=KEY_LENGTH)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "key"], name="patient_key_once")]
        indexes = [models.Index(fields=["practice", "key"], name="patient_key")]

    def __str__(self) -> str:
        return f"a key of patient {self.patient_id}"


class LeadChange(models.Model):
    """A lead that is new, changed or gone, until it was looked which studies that concerns."""

    practice = models.ForeignKey(Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="+")
    lead = models.OneToOneField(Lead, verbose_name=_("lead"), on_delete=models.CASCADE, related_name="+")
    noticed_at = models.DateTimeField(verbose_name=_("noticed at"), default=timezone.now)

    def __str__(self) -> str:
        return f"lead {self.lead_id} since {self.noticed_at:%Y-%m-%d %H:%M}"


class Matching(models.Model):
    """A practice whose studies are matched: one that has, or had, leads. The others cost the store nothing."""

    practice = models.OneToOneField(Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(verbose_name=_("since"), default=timezone.now)
    swept_at = models.DateTimeField(
        verbose_name=_("swept at"), null=True, blank=True, help_text=_("When all that was stored before was looked at.")
    )

    def __str__(self) -> str:
        return f"matching in {self.practice} since {self.since:%Y-%m-%d}"


class MatchingWeightsQuerySet(ScopedQuerySet["MatchingWeights"]):
    """Seen by who decides on the practice's settings."""

    permission = Permission.ADMINISTER


class MatchingWeights(models.Model):
    """What agreeing and differing fields weigh in a practice, as learnt from its people's decisions."""

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    version = models.PositiveIntegerField(verbose_name=_("version"))
    weights = models.JSONField(verbose_name=_("weights"))
    learnt_at = models.DateTimeField(verbose_name=_("learnt at"), default=timezone.now)
    learnt_by = models.CharField(verbose_name=_("learnt by"), max_length=150, blank=True)
    links = models.PositiveIntegerField(verbose_name=_("links"), default=0, help_text=_("From how many links."))
    rejections = models.PositiveIntegerField(
        verbose_name=_("rejections"), default=0, help_text=_("And from how many rejections.")
    )

    objects = MatchingWeightsQuerySet.as_manager()

    class Meta:
        verbose_name = _("matching weights")
        ordering = ["practice", "-version"]
        constraints = [models.UniqueConstraint(fields=["practice", "version"], name="weights_once")]
        verbose_name_plural = _("matching weights")

    def __str__(self) -> str:
        return f"weights {self.version}"
