"""What is wrong with a destination, or was."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.remotes.models import Administered, Remote
from apps.saying import Sentence, say_count


class AlarmKind(models.TextChoices):
    SILENT = "silent", _("Takes nothing")
    FAILED = "failed", _("Could not be sent")


class Alarm(models.Model):
    """One alarm of a destination, from when it was raised until all was well again."""

    practice = models.ForeignKey(Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="+")
    remote = models.ForeignKey(
        Remote, verbose_name=_("remote"), on_delete=models.CASCADE, related_name="routing_alarms", db_index=False
    )
    kind = models.CharField(verbose_name=_("kind"), max_length=8, choices=AlarmKind.choices)
    studies = models.PositiveIntegerField(
        verbose_name=_("studies"), help_text=_("How many waited, or could not be sent, when it was raised.")
    )
    since = models.DateTimeField(
        verbose_name=_("since"), null=True, blank=True, help_text=_("Since when the first of them waits.")
    )
    raised_at = models.DateTimeField(verbose_name=_("raised at"), default=timezone.now)
    ended_at = models.DateTimeField(verbose_name=_("ended at"), null=True, blank=True)

    objects = Administered.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["remote", "kind"], condition=Q(ended_at=None), name="routing_alarm_once")
        ]

    def __str__(self) -> str:
        return f"{self.remote}: {self.get_kind_display()}"

    @property
    def detail(self) -> Sentence:
        """What was wrong when it was raised."""
        if self.kind == AlarmKind.FAILED:
            return say_count("{count} study could not be sent.", "{count} studies could not be sent.", self.studies)
        return say_count(
            "{count} study has waited since {since}, and nothing was taken.",
            "{count} studies have waited since {since}, and nothing was taken.",
            self.studies,
            since=self.since,
        )
