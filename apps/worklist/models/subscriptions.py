"""Who is told of workitems (PS3.4 CC.2.3), and what is still to be told to them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.scoping import ScopedQuerySet
from apps.remotes.models import AE_TITLE_LENGTH, ae_title
from apps.worklist.models.workitems import Workitem


class Subscription(models.Model):
    """An AE title that is told of one workitem: "Subscribed", with or without a Deletion Lock (PS3.4 CC.2.3.1)."""

    workitem = models.ForeignKey(
        Workitem, verbose_name=_("workitem"), on_delete=models.CASCADE, related_name="subscriptions"
    )
    subscriber = models.CharField(_("AE title"), max_length=AE_TITLE_LENGTH, validators=[ae_title])
    has_lock = models.BooleanField(
        _("deletion lock"), default=False, help_text=_("Keep the workitem after its end until this is given up.")
    )

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["workitem", "subscriber"], name="subscription_once")]
        indexes = [models.Index(fields=["subscriber"], name="subscription_subscriber")]

    def __str__(self) -> str:
        return self.subscriber


class WorklistSubscriptionQuerySet(ScopedQuerySet["WorklistSubscription"]):
    """Seen by who may look at all of the practice."""


class WorklistSubscription(models.Model):
    """An AE title that is subscribed to each new workitem: a Global Subscription, or a filtered one (`keys`).

    `keys` is the identifier that workitems have to match, in the DICOM JSON model; None for all workitems.
    """

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="worklist_subscriptions"
    )
    subscriber = models.CharField(_("AE title"), max_length=AE_TITLE_LENGTH, validators=[ae_title])
    is_filtered = models.BooleanField(verbose_name=_("is filtered"), default=False)
    keys = models.JSONField(verbose_name=_("keys"), null=True, blank=True)
    has_lock = models.BooleanField(_("deletion lock"), default=False)
    is_suspended = models.BooleanField(_("suspended"), default=False)
    created_at = models.DateTimeField(verbose_name=_("created at"), default=timezone.now)

    objects = WorklistSubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "subscriber", "is_filtered"], name="worklist_subscription_once")
        ]

    def __str__(self) -> str:
        return f"{self.subscriber}, {'filtered' if self.is_filtered else 'all workitems'}"


class WorkitemEvent(models.Model):
    """An event report (PS3.4 CC.2.4) to one subscriber: kept until it has been delivered, or is too old.

    `report` is the whole data set, as DICOM JSON, that the subscriber gets.
    """

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    subscriber = models.CharField(verbose_name=_("subscriber"), max_length=AE_TITLE_LENGTH)
    report = models.JSONField(verbose_name=_("report"))
    created_at = models.DateTimeField(verbose_name=_("created at"), default=timezone.now, db_index=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["practice", "subscriber", "id"], name="workitem_event_waiting")]

    def __str__(self) -> str:
        return f"{self.subscriber}, {self.pk}"
