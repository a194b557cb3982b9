"""What goes where: a practice's rules."""

from django.core.exceptions import ValidationError
from django.db import models

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet
from apps.remotes.models import Remote

LIST_LENGTH = 1000
WEEKDAYS = "1234567"


class When(models.TextChoices):
    """When what matches goes."""

    STABLE = "stable", "When the study is complete"
    AT_ONCE = "at_once", "At once"


class Priority(models.IntegerChoices):
    """What goes first; the smaller number."""

    HIGH = 0, "High"
    NORMAL = 1, "Normal"
    LOW = 2, "Low"


class RuleQuerySet(ScopedQuerySet["Rule"]):
    permission = Permission.ADMINISTER


class Rule(models.Model):
    """Instances that meet every condition go to every destination. A condition that is left empty is met by all."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="routing_rules")
    name = models.CharField(max_length=60, help_text="What people call it, such as CT to the hospital.")
    is_active = models.BooleanField("switched on", default=True)
    position = models.PositiveIntegerField(
        default=0, help_text="Where two rules send the same instance to the same place, the lower one's is sent."
    )

    calling_titles = models.CharField(
        "calling AE titles", max_length=LIST_LENGTH, blank=True,
        help_text="Who sent it: AE titles, separated by commas; * and ? stand for other characters.",
    )  # fmt: skip
    modalities = models.CharField(max_length=LIST_LENGTH, blank=True, help_text="Such as CT, MR; separated by commas.")
    sop_classes = models.CharField(
        "SOP classes", max_length=LIST_LENGTH, blank=True, help_text="UIDs, separated by commas; * stands for the rest."
    )
    station_names = models.CharField(
        max_length=LIST_LENGTH, blank=True, help_text="Separated by semicolons; * and ? stand for other characters."
    )
    referring_physicians = models.CharField(
        max_length=LIST_LENGTH, blank=True,
        help_text="Such as Doe, Jane; Smith. Separated by semicolons; * and ? stand for other characters.",
    )  # fmt: skip
    from_time = models.TimeField(
        null=True, blank=True, help_text="Arrived at this time of the day or later; by the site's clock."
    )
    to_time = models.TimeField(
        null=True, blank=True, help_text="Arrived before this time; earlier than the first, it is the next day's."
    )
    weekdays = models.CharField(
        max_length=len(WEEKDAYS), blank=True, help_text="Digits from 1 (Monday) to 7 (Sunday), such as 12345."
    )

    destinations = models.ManyToManyField(Remote, related_name="routing_rules")
    when = models.CharField(max_length=10, choices=When.choices, default=When.STABLE)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    deletes = models.BooleanField(
        "delete here afterwards", default=False,
        help_text="Once every destination has committed itself to keep them (storage commitment).",
    )  # fmt: skip

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["practice", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"], name="rule_name",
                violation_error_message="This practice has a rule of this name already.",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not set(self.weekdays) <= set(WEEKDAYS):
            raise ValidationError({"weekdays": "Days are digits from 1 (Monday) to 7 (Sunday)."})
        if (self.from_time is None) != (self.to_time is None):
            raise ValidationError({"to_time": "Give both times, or neither."})
