"""Webhooks, what they are told (the outbox), and what came of telling it. No row holds anything of a patient's "
"but UIDs."""

import uuid
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.core.languages import translated
from apps.remotes.models import Administered

URL_LENGTH: Final = 500
TEXT_LENGTH: Final = 250
KIND_LENGTH: Final = 60
SUBJECT_LENGTH: Final = 80
# Characters of an answer that are kept.
ANSWER_LENGTH: Final = 1000


class Detail(models.TextChoices):
    """How much a webhook is told."""

    IDS = "ids", _("Numbers and UIDs alone")
    FULL = "full", _("Patient and study as well")


class WebhookQuerySet(Administered["Webhook"]):
    """Webhooks, by practice."""


class Webhook(models.Model):
    """An address of another system that is told what happens in a practice. `apps.webhooks.administering` writes it."""

    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="webhooks", db_index=False, verbose_name=_("practice")
    )
    name = models.CharField(_("name"), max_length=60, help_text=_("What people call it, such as Practice software."))
    is_active = models.BooleanField(
        _("switched on"), default=True, help_text=_("One that is not is told nothing, and nothing is kept for it.")
    )
    url = models.CharField(
        _("address"), max_length=URL_LENGTH,
        help_text=_("Where events are sent (POST), such as https://practice.example.org/fovea."),
    )  # fmt: skip
    certificate = models.TextField(
        _("certificate"), blank=True,
        help_text=_("Its certificate (PEM), where it has one that it signed itself."),
    )  # fmt: skip
    events = models.JSONField(_("events"), default=list, help_text=_("What it is told of."))
    detail = models.CharField(
        _("what is sent"), max_length=4, choices=Detail.choices, default=Detail.IDS,
        help_text=_("Patient data leaves by https:// alone, and each time is on record."),
    )  # fmt: skip
    # Sealed by apps.core.sealed. The one before signs as well until `former_until`.
    secret = models.TextField(blank=True, editable=False)
    former_secret = models.TextField(blank=True, editable=False)
    former_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False,
        verbose_name=_("created by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    # How it stands, by the courier.
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True, editable=False)
    pause_reason = models.CharField(max_length=TEXT_LENGTH, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False, help_text=_("In a row."))
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    not_before = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.CharField(max_length=TEXT_LENGTH, blank=True, editable=False)
    last_success_at = models.DateTimeField(_("last delivered"), null=True, blank=True, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"], name="webhook_name",
                violation_error_message=_("This practice has a webhook of this name already."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        from apps.webhooks.validation import findings

        wrong: dict[str, list[str]] = {}
        for field, text in findings(self):
            wrong.setdefault(field, []).append(translated(text))
        if wrong:
            raise ValidationError(wrong)

    def wants(self, kind: str) -> bool:
        """Whether it is told of such events."""
        return self.is_active and kind in self.events

    def signing_secrets(self, now: datetime) -> list[str]:
        """The sealed secrets that sign at this time, the newest first."""
        is_former = bool(self.former_secret and self.former_until and now < self.former_until)
        return [self.secret, self.former_secret] if is_former else [self.secret]


class EventQuerySet(Administered["Event"]):
    """Events, by practice."""


class Event(models.Model):
    """Something that happened, written in the transaction in which it did. Its key is its place in the sequence.

    `data` are numbers and UIDs; who the patient is, is looked up when it is sent to whom that is told.
    """

    uid = models.UUIDField(_("id"), default=uuid.uuid4, unique=True, editable=False)
    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("practice")
    )
    kind = models.CharField(_("kind"), max_length=KIND_LENGTH)
    subject = models.CharField(
        _("subject"), max_length=SUBJECT_LENGTH, help_text=_("What it is about: events of one are told in order.")
    )
    data = models.JSONField(_("data"), default=dict)
    occurred_at = models.DateTimeField(_("happened"), default=timezone.now)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["practice", "occurred_at"], name="webhook_event_at"),
            models.Index(fields=["occurred_at"], name="webhook_event_old"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class State(models.TextChoices):
    """How far the telling of an event is."""

    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    FAILED = "failed", _("Failed, tried again")
    DELIVERED = "delivered", _("Delivered")
    GIVEN_UP = "given_up", _("Given up")


# What is still to go. These have a `next_at`, and no others do.
OPEN: Final = (State.WAITING, State.SENDING, State.FAILED)
_IS_OPEN: Final = models.Q(next_at__isnull=False)


class DeliveryQuerySet(Administered["Delivery"]):
    """Deliveries, by practice."""

    practice_path = "webhook__practice"


class Delivery(models.Model):
    """The telling of one event to one webhook."""

    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False, verbose_name=_("webhook")
    )
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("event"))
    subject = models.CharField(max_length=SUBJECT_LENGTH, editable=False, help_text=_("The event's."))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(
        _("next attempt"), null=True, blank=True, default=timezone.now,
        help_text=_("While it is being sent: when it is taken to be lost."),
    )  # fmt: skip
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    last_error = models.CharField(_("what went wrong"), max_length=TEXT_LENGTH, blank=True)
    answer = models.CharField(_("answer"), max_length=ANSWER_LENGTH, blank=True, help_text=_("How it begins."))
    milliseconds = models.PositiveIntegerField(_("milliseconds"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["webhook", "event"], name="webhook_delivery_once")]
        indexes = [
            models.Index(fields=["webhook", "next_at", "id"], name="webhook_delivery_due", condition=_IS_OPEN),
            models.Index(fields=["webhook", "subject", "id"], name="webhook_delivery_order", condition=_IS_OPEN),
            models.Index(fields=["webhook", "state", "-id"], name="webhook_delivery_state"),
            models.Index(fields=["webhook", "-id"], name="webhook_delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class DeliveryAttempt(models.Model):
    """One attempt at a delivery, and what came of it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log", verbose_name=_("delivery"))
    at = models.DateTimeField(_("when"))
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    error = models.CharField(_("what went wrong"), max_length=TEXT_LENGTH, blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"))

    class Meta:
        ordering = ["pk"]
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"attempt at delivery {self.delivery_id}"


class Reception(models.Model):
    """New images of a study that no event has told of yet: counted by the store in its own transaction.

    It goes when nothing more has come until `due_at`.
    """

    study = models.OneToOneField(Study, primary_key=True, on_delete=models.CASCADE, related_name="+")
    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="+", db_index=False)
    instances = models.PositiveIntegerField()
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"reception of study {self.study_id}"
