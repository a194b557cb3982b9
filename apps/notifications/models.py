"""What people were told, what is on its way to them, how they want to be told, and which devices are listened for."""

from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.principal import Caller, principal_of
from apps.accounts.scoping import Row, ScopedQuerySet
from apps.notifications.kinds import Channel, Kind
from apps.remotes.models import Remote

KEY_LENGTH = 120
NAME_LENGTH = 80
TEXT_LENGTH = 300
ZONE_LENGTH = 64
MOST_SILENT_HOURS = 24 * 60


class OwnQuerySet(models.QuerySet[Row]):
    """Rows that belong to one user, and that nobody else sees, whatever they may do."""

    def visible_to(self, who: Caller, permission: Permission | None = None) -> Self:
        principal = principal_of(who)
        return self.filter(user=principal.user_id) if principal and principal.user_id else self.none()


class Notification(models.Model):
    """Something that one user was told. The text is made when it is read, in the reader's language.

    `values` fill it: numbers and names of things, never of patients; whom a study shows is looked up by `subject`, the
    number of what it is about, by whoever may see it. `count` is how often it happened since it was last seen.
    """

    practice = models.ForeignKey(
        Practice, null=True, blank=True, on_delete=models.CASCADE, related_name="+",
        verbose_name=_("practice"), help_text=_("None for what concerns the whole site."),
    )  # fmt: skip
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    key = models.CharField(_("key"), max_length=KEY_LENGTH, blank=True, help_text=_("What is told together."))
    subject = models.PositiveBigIntegerField(_("subject"), null=True, blank=True)
    values = models.JSONField(_("values"), default=dict, blank=True)
    count = models.PositiveIntegerField(_("count"), default=1)
    is_shown = models.BooleanField(_("is shown"), default=True, help_text=_("Whether the user wants it in the bell."))
    occurred_at = models.DateTimeField(_("occurred"), default=timezone.now)
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)

    objects = OwnQuerySet["Notification"].as_manager()

    class Meta:
        ordering = ["-occurred_at", "-pk"]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "key", "practice"], condition=Q(seen_at=None), name="notification_unseen_once"
            )
        ]
        indexes = [
            models.Index(fields=["user"], condition=Q(seen_at=None, is_shown=True), name="notification_unseen"),
            models.Index(fields=["user", "-occurred_at", "-id"], name="notification_newest"),
            models.Index(fields=["occurred_at"], name="notification_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Could not be sent")


class Contact(models.Model):
    """Where one user gets SMS or chat messages: an address of Apprise's, which holds its secrets and is sealed."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contacts", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=NAME_LENGTH, help_text=_("What you call it, such as My phone."))
    service = models.CharField(_("service"), max_length=20, editable=False)
    sealed = models.TextField(_("address"), editable=False)
    sent_at = models.DateTimeField(_("last sent"), null=True, blank=True, editable=False)
    error = models.CharField(_("what went wrong"), max_length=TEXT_LENGTH, blank=True, editable=False)

    objects = OwnQuerySet["Contact"].as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="contact_name_once")]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One notification on its way out by one channel; by chat, to one contact."""

    notification = models.ForeignKey(
        Notification, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("notification")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    channel = models.CharField(_("channel"), max_length=5, choices=Channel.choices)
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("contact")
    )
    state = models.CharField(_("state"), max_length=7, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("what went wrong"), max_length=TEXT_LENGTH, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = OwnQuerySet["Delivery"].as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"


class Preference(models.Model):
    """What a user has said about a kind and a channel; without a row it is as the kind has it (`kinds.RULES`)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel.choices)
    is_wanted = models.BooleanField(_("is wanted"))

    objects = OwnQuerySet["Preference"].as_manager()

    class Meta:
        ordering = ["user", "kind", "channel"]
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [models.UniqueConstraint(fields=["user", "kind", "channel"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel}"


class Digest(models.TextChoices):
    """How often what has happened is sent."""

    NEVER = "never", _("At once")
    HOURLY = "hourly", _("Once an hour")
    DAILY = "daily", _("Once a day")


class Habits(models.Model):
    """When a user wants e-mail, SMS and chat messages. Quiet from 22:00 until 7:00 is the night's."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    time_zone = models.CharField(
        _("time zone"), max_length=ZONE_LENGTH, blank=True,
        help_text=_("Such as Europe/Zurich. Left empty: the server's."),
    )  # fmt: skip
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    digest = models.CharField(_("messages"), max_length=6, choices=Digest.choices, default=Digest.NEVER)
    digest_at = models.TimeField(_("once a day at"), null=True, blank=True)

    objects = OwnQuerySet["Habits"].as_manager()

    class Meta:
        verbose_name = _("habits")
        verbose_name_plural = _("habits")

    def __str__(self) -> str:
        return f"habits {self.pk}"


class Administered(ScopedQuerySet[Row]):
    """Seen by who administers the practice."""

    permission = Permission.ADMINISTER


class Policy(models.Model):
    """What of its patients a practice lets leave in messages: nothing, unless it says so."""

    practice = models.OneToOneField(Practice, on_delete=models.CASCADE, related_name="+", verbose_name=_("practice"))
    by_email = models.BooleanField(
        _("patients' names in e-mail"), default=False,
        help_text=_("E-mail is seldom encrypted on its whole way."),
    )  # fmt: skip
    by_chat = models.BooleanField(
        _("patients' names in SMS and chat"), default=False,
        help_text=_("What is sent is kept by the services that carry it."),
    )  # fmt: skip

    objects = Administered["Policy"].as_manager()

    class Meta:
        ordering = ["practice"]
        verbose_name = _("patient data in messages")
        verbose_name_plural = _("patient data in messages")

    def __str__(self) -> str:
        return str(self.practice)


class Watch(models.Model):
    """A device that is expected to call. One that has not for `hours` of its days is silent, from `silent_since`."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="+", verbose_name=_("practice"))
    remote = models.OneToOneField(Remote, on_delete=models.CASCADE, related_name="watch", verbose_name=_("device"))
    hours = models.PositiveSmallIntegerField(
        _("hours"), default=24, validators=[MinValueValidator(1), MaxValueValidator(MOST_SILENT_HOURS)],
        help_text=_("After so many hours without a call it counts as silent."),
    )  # fmt: skip
    days = models.CharField(
        _("days"), max_length=7, default="12345",
        validators=[RegexValidator(r"\A1?2?3?4?5?6?7?\Z", _("Write the days' numbers in order, such as 12345."))],
        help_text=_("The days on which it is used: 1 is Monday, 7 is Sunday. Hours of other days don't count."),
    )  # fmt: skip
    since = models.DateTimeField(_("expected since"), default=timezone.now, editable=False)
    silent_since = models.DateTimeField(_("silent since"), null=True, blank=True, editable=False)

    objects = Administered["Watch"].as_manager()

    class Meta:
        ordering = ["remote__name"]
        verbose_name = _("expected device")
        verbose_name_plural = _("expected devices")

    def __str__(self) -> str:
        return str(self.remote)


class Condition(models.Model):
    """Something of the whole site that lasts, such as a disk that is nearly full: told once until it has ended."""

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, unique=True)
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")

    def __str__(self) -> str:
        return self.kind
