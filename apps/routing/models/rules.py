"""What goes where: a practice's rules."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet
from apps.remotes.models import Remote

LIST_LENGTH = 1000
WEEKDAYS = "1234567"


class When(models.TextChoices):
    """When what matches goes."""

    STABLE = "stable", _("When the study is complete")
    AT_ONCE = "at_once", _("At once")


class Priority(models.IntegerChoices):
    """What goes first; the smaller number."""

    HIGH = 0, _("High")
    NORMAL = 1, _("Normal")
    LOW = 2, _("Low")


class RuleQuerySet(ScopedQuerySet["Rule"]):
    permission = Permission.ADMINISTER


class Rule(models.Model):
    """Instances that meet every condition go to every destination. A condition that is left empty is met by all."""

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="routing_rules"
    )
    name = models.CharField(
        verbose_name=_("name"), max_length=60, help_text=_("What people call it, such as CT to the hospital.")
    )
    is_active = models.BooleanField(_("switched on"), default=True)
    position = models.PositiveIntegerField(
        verbose_name=_("position"),
        default=0,
        help_text=_("Where two rules send the same instance to the same place, the lower one's is sent."),
    )

    calling_titles = models.CharField(
        _("calling AE titles"),
        max_length=LIST_LENGTH,
        blank=True,
        help_text=_("Who sent it: AE titles, separated by commas; * and ? stand for other characters."),
    )
    modalities = models.CharField(
        verbose_name=_("modalities"),
        max_length=LIST_LENGTH,
        blank=True,
        help_text=_("Such as CT, MR; separated by commas."),
    )
    sop_classes = models.CharField(
        _("SOP classes"),
        max_length=LIST_LENGTH,
        blank=True,
        help_text=_("UIDs, separated by commas; * stands for the rest."),
    )
    station_names = models.CharField(
        verbose_name=_("station names"),
        max_length=LIST_LENGTH,
        blank=True,
        help_text=_("Separated by semicolons; * and ? stand for other characters."),
    )
    referring_physicians = models.CharField(
        verbose_name=_("referring physicians"),
        max_length=LIST_LENGTH,
        blank=True,
        help_text=_("Such as Doe, Jane; Smith. Separated by semicolons; * and ? stand for other characters."),
    )
    from_time = models.TimeField(
        verbose_name=_("from time"),
        null=True,
        blank=True,
        help_text=_("Arrived at this time of the day or later; by the site's clock."),
    )
    to_time = models.TimeField(
        verbose_name=_("to time"),
        null=True,
        blank=True,
        help_text=_("Arrived before this time; earlier than the first, it is the next day's."),
    )
    weekdays = models.CharField(
        verbose_name=_("weekdays"),
        max_length=len(WEEKDAYS),
        blank=True,
        help_text=_("Digits from 1 (Monday) to 7 (Sunday), such as 12345."),
    )

    destinations = models.ManyToManyField(Remote, verbose_name=_("destinations"), related_name="routing_rules")
    when = models.CharField(verbose_name=_("when"), max_length=10, choices=When.choices, default=When.STABLE)
    priority = models.PositiveSmallIntegerField(
        verbose_name=_("priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    deletes = models.BooleanField(
        _("delete here afterwards"),
        default=False,
        help_text=_("Once every destination has committed itself to keep them (storage commitment)."),
    )

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["practice", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"],
                name="rule_name",
                violation_error_message=_("This practice has a rule of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not set(self.weekdays) <= set(WEEKDAYS):
            raise ValidationError({"weekdays": gettext("Days are digits from 1 (Monday) to 7 (Sunday).")})
        if (self.from_time is None) != (self.to_time is None):
            raise ValidationError({"to_time": gettext("Give both times, or neither.")})
