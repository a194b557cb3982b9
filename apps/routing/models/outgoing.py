"""The outbox: what is to go where, which of it has gone, and how the destinations are."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import UID_LENGTH, Study
from apps.remotes.models import Remote
from apps.routing.models.rules import Priority, Rule

TEXT_LENGTH = 300


class OutgoingState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class DeliveryState(models.TextChoices):
    """Of an instance: parked is what the destination won't take however often it is sent."""

    WAITING = "waiting", _("Waiting")
    TAKEN = "taken", _("Taken")
    WARNED = "warned", _("Taken with a warning")
    PARKED = "parked", _("Not taken")


class OutgoingQuerySet(ScopedQuerySet["Outgoing"]):
    permission = Permission.ADMINISTER


class Outgoing(models.Model):
    """Instances of a study on their way to a destination; `deliveries` are the instances.

    `failed` is the dead letter: it waits for a person, who has it sent again (`apps.routing.outbox.resend`).
    """

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="outgoing", db_index=False
    )
    remote = models.ForeignKey(
        Remote, verbose_name=_("remote"), on_delete=models.CASCADE, related_name="outgoing", db_index=False
    )
    rule = models.ForeignKey(
        Rule,
        verbose_name=_("rule"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="outgoing",
        help_text=_("By which rule it goes; none where somebody has sent it."),
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Who has sent it, or sent it again."),
    )
    study = models.ForeignKey(
        Study,
        verbose_name=_("study"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="outgoing",
        help_text=_("None where the study was deleted."),
    )
    study_instance_uid = models.CharField(max_length=UID_LENGTH, verbose_name=_("Study Instance UID"), db_index=True)
    state = models.CharField(
        verbose_name=_("state"), max_length=10, choices=OutgoingState.choices, default=OutgoingState.WAITING
    )
    priority = models.PositiveSmallIntegerField(
        verbose_name=_("priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    total = models.PositiveIntegerField(verbose_name=_("total"), default=0, help_text=_("Instances."))
    taken = models.PositiveIntegerField(
        verbose_name=_("taken"), default=0, help_text=_("Of them, those that the destination has confirmed.")
    )
    warned = models.PositiveIntegerField(
        verbose_name=_("warned"), default=0, help_text=_("Of those, the ones with a warning.")
    )
    parked = models.PositiveIntegerField(
        verbose_name=_("parked"), default=0, help_text=_("Those that the destination won't take.")
    )
    recorded = models.PositiveIntegerField(
        verbose_name=_("recorded"), default=0, help_text=_("Those of the confirmed that are on record.")
    )
    attempts = models.PositiveIntegerField(
        verbose_name=_("attempts"), default=0, help_text=_("Since an instance was taken last.")
    )
    not_before = models.DateTimeField(verbose_name=_("not before"), default=timezone.now)
    owner = models.CharField(verbose_name=_("owner"), max_length=120, blank=True, help_text=_("Which attempt has it."))
    lease_until = models.DateTimeField(
        verbose_name=_("lease until"),
        null=True,
        blank=True,
        help_text=_("Until when; an attempt whose process died lets this pass."),
    )
    last_error = models.CharField(verbose_name=_("last error"), max_length=TEXT_LENGTH, blank=True)
    created_at = models.DateTimeField(verbose_name=_("created at"), default=timezone.now)
    tried_since = models.DateTimeField(
        verbose_name=_("tried since"),
        default=timezone.now,
        help_text=_("Since when it was tried; a resend begins anew."),
    )
    sent_at = models.DateTimeField(
        verbose_name=_("sent at"), null=True, blank=True, help_text=_("When nothing of it was left to send.")
    )

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("outgoing")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["remote", "priority", "created_at", "id", "not_before"],
                name="outgoing_waiting",
                condition=Q(state=OutgoingState.WAITING),
            ),
            models.Index(
                fields=["remote", "lease_until"], name="outgoing_sending", condition=Q(state=OutgoingState.SENDING)
            ),
            models.Index(fields=["practice", "-id"], name="outgoing_newest"),
            models.Index(fields=["remote", "-id"], name="outgoing_of_remote"),
            models.Index(fields=["state", "sent_at"], name="outgoing_state"),
        ]

    def __str__(self) -> str:
        return gettext("%(study)s to %(name)s") % {"study": self.study_instance_uid, "name": self.remote}


class Delivery(models.Model):
    """An instance of an outgoing study, and what became of it: what was confirmed is never sent by it again."""

    outgoing = models.ForeignKey(
        Outgoing, verbose_name=_("outgoing"), on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    # Not a foreign key: that the instance is deleted here changes nothing of what has been sent.
    instance_key = models.BigIntegerField(
        verbose_name=_("instance key"), help_text=_("The key of the archive's row, which may be gone.")
    )
    sop_instance_uid = models.CharField(max_length=UID_LENGTH, verbose_name=_("SOP Instance UID"))
    state = models.CharField(
        verbose_name=_("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    tries = models.PositiveSmallIntegerField(
        verbose_name=_("tries"), default=0, help_text=_("How often it was not taken.")
    )
    status = models.PositiveIntegerField(
        verbose_name=_("status"), null=True, blank=True, help_text=_("The status of the C-STORE (PS3.4 B.2.3).")
    )
    reason = models.CharField(verbose_name=_("reason"), max_length=TEXT_LENGTH, blank=True)

    class Meta:
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["outgoing", "instance_key"], name="outgoing_delivery_once")]
        indexes = [
            models.Index(fields=["instance_key"], name="outgoing_instance"),
            models.Index(
                fields=["outgoing", "tries", "id"],
                name="outgoing_instance_waiting",
                condition=Q(state=DeliveryState.WAITING),
            ),
        ]

    def __str__(self) -> str:
        return self.sop_instance_uid


class DestinationQuerySet(ScopedQuerySet["Destination"]):
    practice_path = "remote__practice"
    permission = Permission.ADMINISTER


class Destination(models.Model):
    """How sending to a remote goes. After some failures in a row it is asked by echo before anything is sent again."""

    remote = models.OneToOneField(
        Remote, verbose_name=_("remote"), on_delete=models.CASCADE, related_name="destination"
    )
    failures = models.PositiveIntegerField(
        verbose_name=_("failures"), default=0, help_text=_("Attempts in a row with which nothing was taken.")
    )
    failing_since = models.DateTimeField(
        verbose_name=_("failing since"), null=True, blank=True, help_text=_("None while it takes what it is sent.")
    )
    open_since = models.DateTimeField(
        verbose_name=_("open since"),
        null=True,
        blank=True,
        help_text=_("Since when nothing is sent, but for an echo now and then."),
    )
    probe_at = models.DateTimeField(
        verbose_name=_("probe at"), null=True, blank=True, help_text=_("When it is asked again whether it is there.")
    )
    last_taken_at = models.DateTimeField(
        verbose_name=_("last taken at"), null=True, blank=True, help_text=_("When it last took an instance.")
    )
    last_error = models.CharField(verbose_name=_("last error"), max_length=TEXT_LENGTH, blank=True)

    objects = DestinationQuerySet.as_manager()

    class Meta:
        verbose_name = _("destination")
        verbose_name_plural = _("destinations")

    def __str__(self) -> str:
        return gettext("how sending to %(name)s goes") % {"name": self.remote}
