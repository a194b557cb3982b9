"""What has been stored and is still to be looked at by the rules."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.remotes.models import AE_TITLE_LENGTH, Remote


class Arrival(models.Model):
    """Instances of a study that came together; written in the transaction that stores them.

    It goes when all rules have looked at it: those that send at once first, the others when the study is complete.
    """

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    study = models.ForeignKey(Study, verbose_name=_("study"), on_delete=models.CASCADE, related_name="arrivals")
    sop_instance_uids = models.TextField(verbose_name=_("SOP instance uids"), help_text=_("Separated by spaces."))
    # No constraint: a remote that is deleted at this moment is no reason not to store.
    remote = models.ForeignKey(
        Remote,
        verbose_name=_("remote"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_constraint=False,
        db_index=False,
        help_text=_("Which remote they came from, where that is known."),
    )
    calling_title = models.CharField(verbose_name=_("calling title"), max_length=AE_TITLE_LENGTH, blank=True)
    address = models.CharField(
        verbose_name=_("address"), max_length=64, blank=True, help_text=_("Where they came from.")
    )
    arrived_at = models.DateTimeField(verbose_name=_("arrived at"))
    is_seen = models.BooleanField(
        verbose_name=_("is seen"), default=False, help_text=_("The rules that send at once have looked at it.")
    )
    is_settled = models.BooleanField(
        verbose_name=_("is settled"), default=False, help_text=_("A device has said that the study is complete.")
    )

    class Meta:
        indexes = [models.Index(fields=["practice"], name="arrival_unseen", condition=models.Q(is_seen=False))]

    def __str__(self) -> str:
        return f"arrival {self.pk}"
