"""Who was let in to what, and why: names of physicians, invitations, requests and emergencies."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Grant, Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Caller, principal_of
from apps.accounts.scoping import Row, ScopedQuerySet
from apps.archive.models import TEXT_LENGTH, Patient, Study

DIGEST_LENGTH = 64
# A reason says something; more of it belongs into a letter.
SHORTEST_REASON = 10


class PhysicianNameQuerySet(ScopedQuerySet["PhysicianName"]):
    permission = Permission.ADMINISTER


class PhysicianName(models.Model):
    """A name by which studies of the practice refer to a user (Referring Physician's Name, PS3.3 C.7.2.1)."""

    practice = models.ForeignKey(Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="physician_names")
    name = models.CharField(
        verbose_name=_("name"),
        max_length=TEXT_LENGTH,
        help_text=_("As DICOM writes it: Family^Given^Middle^Prefix^Suffix."),
    )
    key = models.CharField(
        verbose_name=_("key"), max_length=TEXT_LENGTH, editable=False, help_text=_("Folded, as studies have it.")
    )
    added_by = models.ForeignKey(
        User, verbose_name=_("added by"), null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    added_at = models.DateTimeField(verbose_name=_("added at"), auto_now_add=True)

    objects = PhysicianNameQuerySet.as_manager()

    class Meta:
        verbose_name = _("physician's name")
        verbose_name_plural = _("physicians' names")
        ordering = ["key", "user_id"]
        constraints = [models.UniqueConstraint(fields=["practice", "key", "user"], name="physician_name_once")]

    def __str__(self) -> str:
        return self.name


class InvitationQuerySet(ScopedQuerySet["Invitation"]):
    permission = Permission.SHARE

    def visible_to(self, who: Caller, permission: Permission | None = None) -> Self:
        """The invitations to studies each of which `who` may share."""
        principal = principal_of(who)
        needed = permission or self.permission
        if principal is None or not principal.narrow(needed):
            return super().visible_to(principal, needed)
        named = Invitation.studies.through.objects.filter(invitation=OuterRef("pk")).order_by()
        beyond = named.exclude(study__in=Study.objects.visible_to(principal, needed).order_by().values("pk"))
        narrow = Q(practice__in=principal.practice_ids) & Exists(named) & ~Exists(beyond)
        return self.filter(Q(practice__in=principal.whole(needed) or ()) | narrow)

    def lapsed(self) -> Self:
        """Those whose time is over and that nobody has ended yet."""
        now = timezone.now()
        unanswered = Q(state__in=UNVERIFIED, answer_by__lte=now)
        return self.filter(unanswered | Q(state__in=(State.VERIFIED, State.ACCEPTED), until__lte=now))


class Invitation(models.Model):
    """A patient or a relative who is to see some studies of one patient, and how far that has come."""

    class State(models.TextChoices):
        INVITED = "invited", _("Invited")
        OPENED = "opened", _("Opened")
        VERIFIED = "verified", _("Waits for review")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        EXPIRED = "expired", _("Expired")
        REVOKED = "revoked", _("Revoked")

    class Relation(models.TextChoices):
        PATIENT = "patient", _("The patient")
        PARENT = "parent", _("Parent")
        CHILD = "child", _("Son or daughter")
        SPOUSE = "spouse", _("Spouse or partner")
        GUARDIAN = "guardian", _("Guardian or representative")
        OTHER = "other", _("Other relative")

    practice = models.ForeignKey(Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="+")
    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), null=True, on_delete=models.SET_NULL, related_name="invitations"
    )
    studies = models.ManyToManyField(Study, verbose_name=_("studies"), related_name="+")
    name = models.CharField(verbose_name=_("name"), max_length=120, help_text=_("Of the person who is invited."))
    contact = models.CharField(
        verbose_name=_("contact"), max_length=TEXT_LENGTH, help_text=_("E-mail address or telephone number.")
    )
    relation = models.CharField(verbose_name=_("relation"), max_length=10, choices=Relation.choices)
    until = models.DateTimeField(verbose_name=_("until"), help_text=_("When the access ends, if it is given."))
    state = models.CharField(verbose_name=_("state"), max_length=10, choices=State.choices, default=State.INVITED)
    user = models.ForeignKey(
        User,
        verbose_name=_("user"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="invitations",
        help_text=_("Who opened it."),
    )
    grants = models.ManyToManyField(Grant, verbose_name=_("grants"), related_name="+")
    digest = models.CharField(
        verbose_name=_("digest"), max_length=DIGEST_LENGTH, unique=True, help_text=_("Of the link's secret.")
    )
    answer_by = models.DateTimeField(
        verbose_name=_("answer by"), help_text=_("Until when it may be opened and the code be entered.")
    )
    code_digest = models.CharField(verbose_name=_("code digest"), max_length=DIGEST_LENGTH, blank=True)
    code_until = models.DateTimeField(verbose_name=_("code until"), null=True)
    tries_left = models.PositiveSmallIntegerField(verbose_name=_("tries left"), default=0)
    invited_by = models.ForeignKey(
        User, verbose_name=_("invited by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    invited_at = models.DateTimeField(verbose_name=_("invited at"), auto_now_add=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["practice", "state"], name="invitation_waiting"),
            models.Index(fields=["state", "until"], name="invitation_lapsing"),
        ]

    def __str__(self) -> str:
        return gettext("Invitation %(number)s") % {"number": self.pk}

    @property
    def is_lapsed(self) -> bool:
        end = self.answer_by if self.state in UNVERIFIED else self.until
        return self.state not in ENDED and end <= timezone.now()

    @property
    def state_now(self) -> "Invitation.State":
        """The state, also in the minute before the clock has put it on record that the time is over."""
        return State.EXPIRED if self.is_lapsed else State(self.state)


State = Invitation.State
UNVERIFIED = (State.INVITED, State.OPENED)
ENDED = (State.REFUSED, State.EXPIRED, State.REVOKED)


class InvitationStep(models.Model):
    """What became of an invitation, one row a step: who did it, when, and why."""

    invitation = models.ForeignKey(
        Invitation, verbose_name=_("invitation"), on_delete=models.CASCADE, related_name="steps"
    )
    state = models.CharField(verbose_name=_("state"), max_length=10, choices=State.choices)
    at = models.DateTimeField(verbose_name=_("at"), auto_now_add=True)
    by = models.ForeignKey(
        User,
        verbose_name=_("by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Nobody where time did it."),
    )
    note = models.CharField(verbose_name=_("note"), max_length=TEXT_LENGTH, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.state} at {self.at:%Y-%m-%d %H:%M}"


class Kind(models.TextChoices):
    """By what somebody knows of a study."""

    STUDY = "study", _("Study Instance UID")
    ACCESSION = "accession", _("Accession number")
    PATIENT = "patient", _("Patient ID")


class OwnOrAdministered(ScopedQuerySet[Row]):
    """Rows about a user: theirs, and the practice's for who decides on rights there."""

    permission = Permission.ADMINISTER

    def of(self, who: Caller) -> Self:
        """Those that `who` may know of."""
        principal = principal_of(who)
        if principal is None:
            return self.none()
        own = self.filter(user_id=principal.user_id, practice__in=principal.practice_ids)
        return own | self.visible_to(principal)


class AccessRequestQuerySet(OwnOrAdministered["AccessRequest"]):
    pass


class EmergencyQuerySet(OwnOrAdministered["Emergency"]):
    pass


class AccessRequest(models.Model):
    """Somebody of the practice asks to see what they know of and don't reach."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    practice = models.ForeignKey(Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="access_requests")
    kind = models.CharField(verbose_name=_("kind"), max_length=10, choices=Kind.choices)
    value = models.CharField(verbose_name=_("value"), max_length=TEXT_LENGTH)
    reason = models.CharField(verbose_name=_("reason"), max_length=TEXT_LENGTH)
    days = models.PositiveSmallIntegerField(verbose_name=_("days"), help_text=_("For how long."))
    asked_at = models.DateTimeField(verbose_name=_("asked at"), auto_now_add=True)
    state = models.CharField(verbose_name=_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    decided_by = models.ForeignKey(
        User, verbose_name=_("decided by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(verbose_name=_("decided at"), null=True)
    answer = models.CharField(
        verbose_name=_("answer"), max_length=TEXT_LENGTH, blank=True, help_text=_("What the asker is told.")
    )
    until = models.DateTimeField(verbose_name=_("until"), null=True, help_text=_("When the access ends."))
    grants = models.ManyToManyField(Grant, verbose_name=_("grants"), related_name="+")

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("access request")
        verbose_name_plural = _("access requests")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["practice", "state"], name="access_request_waiting"),
            models.Index(fields=["user", "state"], name="access_request_own"),
        ]

    def __str__(self) -> str:
        return gettext("Access request %(number)s") % {"number": self.pk}


class Emergency(models.Model):
    """Access to one patient without anybody's leave, with a reason, for hours; looked at afterwards."""

    practice = models.ForeignKey(Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="emergencies")
    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), null=True, on_delete=models.SET_NULL, related_name="emergencies"
    )
    reason = models.CharField(verbose_name=_("reason"), max_length=TEXT_LENGTH)
    grant = models.ForeignKey(Grant, verbose_name=_("grant"), null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField(verbose_name=_("started at"), auto_now_add=True)
    until = models.DateTimeField(verbose_name=_("until"))
    ended_at = models.DateTimeField(verbose_name=_("ended at"), null=True)
    ended_by = models.ForeignKey(
        User,
        verbose_name=_("ended by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Nobody where time did it."),
    )
    reviewed_at = models.DateTimeField(verbose_name=_("reviewed at"), null=True)
    reviewed_by = models.ForeignKey(
        User, verbose_name=_("reviewed by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    review_note = models.CharField(verbose_name=_("review note"), max_length=TEXT_LENGTH, blank=True)

    objects = EmergencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("emergency")
        verbose_name_plural = _("emergencies")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["practice"], condition=Q(reviewed_at=None), name="emergency_unreviewed"),
            models.Index(fields=["until"], condition=Q(ended_at=None), name="emergency_current"),
        ]

    def __str__(self) -> str:
        return gettext("Emergency %(number)s") % {"number": self.pk}

    @property
    def is_current(self) -> bool:
        return self.ended_at is None and self.until > timezone.now()


class EmergencyAttempt(models.Model):
    """That somebody declared an emergency, found or not: so that nobody finds out by trying who is a patient."""

    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(verbose_name=_("at"), auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["user", "at"], name="emergency_attempts")]

    def __str__(self) -> str:
        return f"at {self.at:%Y-%m-%d %H:%M}"
