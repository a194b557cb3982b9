"""What is wrong with a destination, or was."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import Practice
from apps.remotes.models import Administered, Remote

TEXT_LENGTH = 300


class AlarmKind(models.TextChoices):
    SILENT = "silent", "Takes nothing"
    FAILED = "failed", "Could not be sent"


class Alarm(models.Model):
    """One alarm of a destination, from when it was raised until all was well again."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="+")
    remote = models.ForeignKey(Remote, on_delete=models.CASCADE, related_name="routing_alarms", db_index=False)
    kind = models.CharField(max_length=8, choices=AlarmKind.choices)
    detail = models.CharField(max_length=TEXT_LENGTH, help_text="What was wrong when it was raised.")
    raised_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = Administered.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["remote", "kind"], condition=Q(ended_at=None), name="routing_alarm_once")
        ]

    def __str__(self) -> str:
        return f"{self.remote}: {self.get_kind_display()}"
